internal import FoundationEssentials
internal import Glibc
internal import SystemPackage

/// Reads the files of a lineage that stands still into buffers that are used again and again.
///
/// The same rules hold as for ``Snapshot``, by fewer system calls: what has not changed since long before it was read was
/// not changed meanwhile. What the rules allow beyond that is not for this reader: it gives up, and says nothing.
struct CalmReader {
    let cert = ReusedBytes(capacity: 16_384)
    let chain = ReusedBytes(capacity: 16_384)
    let privkey = ReusedBytes(capacity: 16_384)
    let renewal = ReusedBytes(capacity: 16_384)
    /// The leaf.
    let der = ReusedBytes(capacity: 16_384)
    /// The private key.
    let secret = ReusedBytes(capacity: 16_384)
    private let fullchain = ReusedBytes(capacity: 32_768)
    private let links = CalmLinks()
    private let directories = CalmDirectories()

    /// Whether all that `rules` need was read as it stood at one moment, and is certbot's work.
    func read(_ lineage: Lineage, by rules: CalmRules, on now: Date) -> Bool {
        // By the clock's whole seconds, so earlier than needed rather than later.
        let limit = Int(now.timeIntervalSince1970.rounded(.down)) - Int(Snapshot.tick / .seconds(1)) - 1
        guard directories.find(lineage), let directory = directories.openLineage() else { return false }
        let file = directory.file.rawValue
        guard let before = Moment(of: file), before.changed < limit, links.read(from: file),
            !rules.needsFiles || links.nothingIsPrevious(in: file), let archive = links.openArchive(from: file)
        else { return false }
        let place = archive.file.rawValue
        guard take(.cert, into: cert, place, limit) != nil, take(.chain, into: chain, place, limit) != nil,
            take(.fullchain, into: fullchain, place, limit) != nil, isJoined
        else { return false }
        if rules.needsKey {
            guard let key = take(.privkey, into: privkey, place, limit), key.isItsOwnersAlone else { return false }
        }
        guard !rules.needsFiles || !links.archiveHasNext(in: place), Moment(of: file) == before else { return false }
        return readRenewal()
    }

    /// Reads a file of the archive that was last changed before `limit`.
    private func take(_ file: LineageFile, into bytes: ReusedBytes, _ archive: CInt, _ limit: Int) -> Moment? {
        // A key that is used again is a link, which is not usual.
        let file = unsafe links.withName(of: file) { unsafe openat(archive, $0, openingFlags) }
        guard let opened = Descriptor(adopting: file), bytes.read(from: opened.file.rawValue),
            let moment = Moment(of: opened.file.rawValue), moment.isRegular, moment.size == bytes.count,
            moment.changed < limit
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

    private func readRenewal() -> Bool {
        guard let opened = directories.openRenewal(openingFlags), renewal.read(from: opened.file.rawValue),
            let moment = Moment(of: opened.file.rawValue)
        else { return false }
        return moment.isRegular && moment.size == renewal.count
    }
}

/// How a file is opened that is a regular one as a rule.
private let openingFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC

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

    var isRegular: Bool { mode & S_IFMT == S_IFREG }

    /// Whether nobody but the owner and root can read it.
    var isItsOwnersAlone: Bool { mode & S_IROTH == 0 && (mode & S_IRGRP == 0 || group == 0) }
}
