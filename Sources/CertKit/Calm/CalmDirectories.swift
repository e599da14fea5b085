internal import Glibc
internal import SystemPackage

/// certbot's `live` and `renewal`, opened once for many lineages: the way to either is longer than the one from there.
final class CalmDirectories {
    /// The path of `live`; empty as long as none is open.
    private var path: [UInt8] = []
    private var live: Descriptor?
    private var renewal: Descriptor?
    /// The lineage's name, and what was put behind it.
    private let name = ReusedBytes(capacity: 512)
    /// Room for the longest of those, and a zero byte.
    private static let longestEnd = 16
    /// How long the lineage's name is.
    private var nameCount = 0

    /// Whether the directories of `lineage` are open, and its name is noted.
    func find(_ lineage: Lineage) -> Bool {
        unsafe lineage.directory.withPlatformString { text in
            let count = unsafe strlen(text)
            return unsafe text.withMemoryRebound(to: UInt8.self, capacity: count) { start in
                unsafe find(Span(_unsafeStart: start, count: count))
            }
        }
    }

    private func find(_ directory: Span<UInt8>) -> Bool {
        guard let slash = directory.lastSlash(before: directory.count),
            directory.equals(0..<slash, path.span, 0..<path.count) || open(directory.copy(0..<slash)),
            // Room for what is put behind it.
            name.fill(
                atMost: directory.count - slash + Self.longestEnd,
                { output in for index in slash + 1..<directory.count { output.append(directory[index]) } })
        else { return false }
        nameCount = name.count
        return true
    }

    /// Opens `live` and the directory of the renewal files beside it.
    private func open(_ path: [UInt8]) -> Bool {
        let live = FilePath(String(decoding: path, as: UTF8.self))
        self.path = []
        self.live = try? Descriptor(opening: live, flags: O_RDONLY | O_DIRECTORY)
        renewal = try? Descriptor(
            opening: live.removingLastComponent().appending("renewal"), flags: O_RDONLY | O_DIRECTORY)
        guard self.live != nil, renewal != nil else { return false }
        self.path = path
        return true
    }

    /// Opens the directory of the lineage that was found.
    func openLineage() -> Descriptor? {
        open("", in: live?.file.rawValue, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC)
    }

    /// Opens one of its names, by a text that begins with a slash.
    func openServed(_ file: StaticString, _ flags: CInt) -> Descriptor? { open(file, in: live?.file.rawValue, flags) }

    /// Opens its renewal file.
    func openRenewal(_ flags: CInt) -> Descriptor? { open(".conf", in: renewal?.file.rawValue, flags) }

    private func open(_ end: StaticString, in directory: CInt?, _ flags: CInt) -> Descriptor? {
        guard let directory else { return nil }
        name.replace(from: nameCount, with: end)
        return Descriptor(adopting: unsafe name.withText { unsafe openat(directory, $0, flags) })
    }
}
