internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// Reads the files of a lineage that stands still into buffers that are used again and again.
///
/// The same rules hold as for ``Snapshot``, by fewer system calls: what has not changed since long before it was read was
/// not changed meanwhile. What the rules allow beyond that is not for this reader: it gives up, and says nothing.
struct CalmReader {
    let fullchain = ReusedBytes(capacity: 32_768)
    let cert = ReusedBytes(capacity: 16_384)
    let privkey = ReusedBytes(capacity: 16_384)
    let renewal = ReusedBytes(capacity: 16_384)
    /// The leaf.
    let der = ReusedBytes(capacity: 16_384)
    /// The private key.
    let secret = ReusedBytes(capacity: 16_384)
    private let chain = ReusedBytes(capacity: 16_384)
    let links = CalmLinks()
    let directories = CalmDirectories()

    /// Whether all that `rules` need was read as it stood at one moment, and is certbot's work.
    func read(_ lineage: Lineage, by rules: CalmRules, on now: Date) -> Bool {
        let limit = Self.limit(on: now)
        guard directories.find(lineage) else { return false }
        let isRead =
            switch rules.parts {
            case .fullchain: takeServed("/fullchain.pem", into: fullchain, limit)
            case .pair:
                takeServed("/fullchain.pem", into: fullchain, limit) && takeServed("/privkey.pem", into: privkey, limit)
            case .all: takeAll(limit)
            }
        return isRead && readRenewal()
    }

    /// The second since 1970 before which all must have been touched last that is read from `now` on: by the clock's whole
    /// seconds, so earlier than needed rather than later.
    static func limit(on now: Date) -> Int {
        Int(now.timeIntervalSince1970.rounded(.down)) - Int(Snapshot.tick / .seconds(1)) - 1
    }

    /// Reads what a name of the lineage leads to, as a server does; what is wrong with the names is not asked for.
    private func takeServed(_ name: StaticString, into bytes: ReusedBytes, _ limit: Int) -> Bool {
        take(directories.openServed(name, openingFlags), into: bytes, limit) != nil
    }

    private func takeAll(_ limit: Int) -> Bool {
        guard let directory = directories.openLineage() else { return false }
        let file = directory.file.rawValue
        guard let before = Moment(of: file), before.changed < limit, links.read(from: file),
            links.nothingIsPrevious(in: file), let archive = links.openArchive(from: file)
        else { return false }
        let place = archive.file.rawValue
        guard takeArchived(.cert, into: cert, place, limit) != nil,
            takeArchived(.chain, into: chain, place, limit) != nil,
            takeArchived(.fullchain, into: fullchain, place, limit) != nil, isJoined,
            let key = takeArchived(.privkey, into: privkey, place, limit), key.isItsOwnersAlone
        else { return false }
        return !links.archiveHasNext(in: place) && Moment(of: file) == before
    }

    /// Reads a file of the archive.
    private func takeArchived(
        _ file: LineageFile, into bytes: ReusedBytes, _ archive: CInt, _ limit: Int
    ) -> Moment? {
        // A key that is used again is a link, which is not usual.
        let opened = unsafe links.withName(of: file) { unsafe openat(archive, $0, openingFlags | O_NOFOLLOW) }
        return take(Descriptor(adopting: opened), into: bytes, limit)
    }

    /// Reads a file that was last changed before `limit`. A pipe or a device has no size, so what comes from one does not
    /// have it either.
    private func take(_ opened: consuming Descriptor?, into bytes: ReusedBytes, _ limit: Int) -> Moment? {
        guard let file = opened?.file.rawValue, bytes.read(from: file), let moment = Moment(of: file),
            moment.size == bytes.count, moment.changed < limit
        else { return nil }
        return moment
    }

    /// Whether fullchain.pem is cert.pem followed by chain.pem, each of whole blocks.
    private var isJoined: Bool {
        fullchain.withSpan { whole in
            cert.withSpan { cert in
                chain.withSpan { chain in CertificateFiles.areJoined(cert, chain, whole) }
            }
        }
    }

    /// Reads the renewal file, of which no moment is to be told: what is half a file, or none, lacks what certbot needs.
    private func readRenewal() -> Bool {
        guard let opened = directories.openRenewal(openingFlags | O_NOFOLLOW) else { return false }
        return renewal.read(from: opened.file.rawValue)
    }
}

/// How a file is opened that is a regular one as a rule.
private let openingFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC

/// What an open file is, as far as it counts here.
private struct Moment: Equatable {
    let inode: UInt
    let size: Int
    let changed: Int
    let changedNanoseconds: Int
    let mode: UInt32
    let group: UInt32

    init?(of file: CInt) {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { return nil }
        (inode, size, mode, group) = (status.st_ino, Int(status.st_size), status.st_mode, status.st_gid)
        (changed, changedNanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
    }

    /// Whether nobody but the owner and root can read it.
    var isItsOwnersAlone: Bool { mode & S_IROTH == 0 && (mode & S_IRGRP == 0 || group == 0) }
}
