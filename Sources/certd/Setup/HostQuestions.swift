import Subprocess
import SystemPackage

/// What the programs of this host are asked about its set-up; passed in so that a test answers.
struct HostQuestions: Sendable {
    /// What a program said on its standard output, and whether it ended with 0; nil where it is not there or took too long.
    var ask: @Sendable (_ words: [String]) async -> (isWell: Bool, output: String)?
    /// Whether systemd runs this host.
    var hasSystemd: @Sendable () -> Bool

    static let live = HostQuestions(
        ask: { await HostProgram.answer(of: $0, within: .seconds(20)) },
        hasSystemd: { (try? FilePath("/run/systemd/system").stat())?.type == .directory })

    /// Whether a unit is active; nil where systemd cannot tell.
    func isActive(_ unit: String) async -> Bool? {
        guard hasSystemd(), let answer = await ask(["systemctl", "is-active", unit]) else { return nil }
        return answer.isWell
    }

    /// A property of a unit; nil where systemd cannot tell.
    func property(_ name: String, of unit: String) async -> String? {
        guard hasSystemd(), let answer = await ask(["systemctl", "show", "--property", name, "--value", unit]),
            answer.isWell
        else { return nil }
        return answer.output.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// certbot's version; nil where there is no certbot.
    func certbotVersion() async -> CertbotVersion? {
        await ask(["certbot", "--version"]).flatMap { CertbotVersion($0.output) }
    }
}

/// A version of certbot.
struct CertbotVersion: Comparable, CustomStringConvertible, Sendable {
    let major: Int
    let minor: Int
    let text: String

    /// Parses `certbot 2.1.0`.
    init?(_ answer: String) {
        guard let text = answer.split(whereSeparator: \.isWhitespace).last else { return nil }
        let numbers = text.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        (self.major, self.minor, self.text) = (major, minor, String(text))
    }

    static func < (left: CertbotVersion, right: CertbotVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) >= (major, minor) }

    var description: String { text }
}

extension HostProgram {
    /// Runs `words` and gives what it said on standard output, and whether it ended with 0; nil where it could not be run
    /// or did not end in time.
    static func answer(of words: [String], within limit: Duration) async -> (isWell: Bool, output: String)? {
        guard let program = words.first else { return nil }
        let answer = await finishing(within: limit) { () -> (Bool, String)? in
            let result = try? await Subprocess.run(
                .name(program), arguments: Arguments(Array(words.dropFirst())), environment: environment,
                output: .string(limit: 64 << 10), error: .discarded)
            return result.map { ($0.terminationStatus.isSuccess, $0.standardOutput) }
        }
        return answer ?? nil
    }
}
