internal import Glibc
internal import SystemPackage

/// certbot's `live`, `archive` and `renewal`, opened once for many lineages: the way to each is longer than the one from
/// there.
final class CalmDirectories {
    /// Where they are; nil as long as none is open.
    private var listing: LineageListing?
    private var live: Descriptor?
    private var renewal: Descriptor?
    private var archive: Descriptor?
    /// The lineage's name, and what was put behind it.
    let name = ReusedBytes(capacity: 512)
    /// Room for the longest of those, and a zero byte.
    private static let longestEnd = 48
    /// How long the lineage's name is.
    private(set) var nameCount = 0
    /// Stands for the name.
    private(set) var key: UInt64 = 0

    /// Whether the directories of `lineage` are open, and its name is noted.
    func find(_ lineage: Lineage) -> Bool {
        guard listing?.isBeside(lineage.listing) ?? false || open(lineage.listing) else { return false }
        key = lineage.nameHash
        return unsafe lineage.withName { text in
            let count = unsafe strlen(text)
            return unsafe text.withMemoryRebound(to: UInt8.self, capacity: count) { start in
                unsafe note(Span(_unsafeStart: start, count: count))
            }
        }
    }

    private func note(_ text: Span<UInt8>) -> Bool {
        guard
            // Room for what is put behind it.
            name.fill(
                atMost: text.count + Self.longestEnd,
                { output in for index in text.indices { output.append(text[index]) } })
        else { return false }
        nameCount = name.count
        return true
    }

    /// Opens `live` and the two directories beside it, of which that of the archives may be elsewhere.
    private func open(_ listing: LineageListing) -> Bool {
        guard let path = listing.live else { return false }
        let letsencrypt = path.removingLastComponent()
        self.listing = nil
        live = try? Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
        renewal = try? Descriptor(opening: letsencrypt.appending("renewal"), flags: O_RDONLY | O_DIRECTORY)
        archive = try? Descriptor(opening: letsencrypt.appending("archive"), flags: O_RDONLY | O_DIRECTORY)
        guard live != nil, renewal != nil else { return false }
        self.listing = listing
        return true
    }

    /// The open directories; nil without the archives' one.
    var files: (live: CInt, archive: CInt, renewal: CInt)? {
        guard let live = live?.file.rawValue, let archive = archive?.file.rawValue,
            let renewal = renewal?.file.rawValue
        else { return nil }
        return (live, archive, renewal)
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
