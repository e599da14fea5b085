/// A version of HAProxy as `show version` and the `Version:` line of `show info` print it.
public struct HAProxyVersion: Hashable, Sendable {
    /// The first number.
    public let major: Int
    /// The second number: with the first it names the branch that a feature came with.
    public let minor: Int
    /// The third number.
    public let patch: Int

    /// Makes a version from its numbers.
    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Parses text such as `2.6.12-1+deb12u4` or `3.3-dev5`; nil where it does not begin with two numbers.
    public init?(_ text: some StringProtocol) {
        let numbers = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major, minor, numbers.count > 2 ? numbers[2] ?? 0 : 0)
    }
}

extension HAProxyVersion: Comparable, CustomStringConvertible {
    /// Orders by major, minor, patch.
    public static func < (left: HAProxyVersion, right: HAProxyVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// Three numbers with dots.
    public var description: String { "\(major).\(minor).\(patch)" }
}
