internal import Glibc

/// certbot's four links of a lineage, into one generation of one archive directory.
final class CalmLinks {
    private let texts = ForEachFile { (_: LineageFile) throws(Never) in ReusedBytes(capacity: 512) }
    private let next = ReusedBytes(capacity: 64)
    /// Where the name in the archive begins in each text.
    private var nameStart = 0
    /// The generation's number.
    private(set) var generation: UInt64 = 0
    /// The directory that they lead to; nil until it was opened.
    private(set) var archive: FilePlace?

    /// Whether all four are there and lead to one generation.
    func read(from directory: CInt) -> Bool {
        guard texts.cert.readLink("cert.pem", in: directory), texts.privkey.readLink("privkey.pem", in: directory),
            texts.chain.readLink("chain.pem", in: directory),
            texts.fullchain.readLink("fullchain.pem", in: directory)
        else { return false }
        return texts.cert.withSpan { cert in
            guard let slash = cert.lastSlash(before: cert.count), slash > 0 else { return false }
            nameStart = slash + 1
            guard let digits = cert.digits(of: "cert", from: nameStart) else { return false }
            return cert.isSameGeneration(digits, "privkey", texts.privkey, nameStart)
                && cert.isSameGeneration(digits, "chain", texts.chain, nameStart)
                && cert.isSameGeneration(digits, "fullchain", texts.fullchain, nameStart)
                && noteNext(after: digits, of: cert)
        }
    }

    /// Whether no link stands there that certbot keeps during an update.
    func nothingIsPrevious(in directory: CInt) -> Bool {
        let names: [4 of StaticString] = [
            "previous_cert.pem", "previous_privkey.pem", "previous_chain.pem", "previous_fullchain.pem",
        ]
        for index in names.indices where !next.isMissing(names[index], in: directory) { return false }
        return true
    }

    /// Opens the directory that the links lead to; its name is then no longer part of the texts.
    func openArchive(from directory: CInt) -> Descriptor? {
        texts.cert.end(at: nameStart - 1)
        let file = unsafe texts.cert.withText { unsafe openat(directory, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        var status = stat()
        archive = unsafe fstat(file, &status) == 0 ? FilePlace(status) : nil
        return Descriptor(adopting: file)
    }

    /// Lends the name of a file in the archive.
    func withName<Result>(of file: LineageFile, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe texts[file].withText(from: nameStart, body)
    }

    /// Whether the archive holds a leaf of the next generation, or may.
    func archiveHasNext(in archive: CInt) -> Bool {
        var status = stat()
        return unsafe next.withText { unsafe fstatat(archive, $0, &status, 0) } == 0
    }

    /// Notes the name that the next leaf would have.
    private func noteNext(after digits: Range<Int>, of cert: Span<UInt8>) -> Bool {
        var number: UInt64 = 0
        for index in digits { number = number * 10 + UInt64(cert[index] - UInt8(ascii: "0")) }
        generation = number
        guard
            next.fill(
                atMost: 32,
                { output in
                    for byte in "cert\(number + 1).pem".utf8 { output.append(byte) }
                })
        else { return false }
        next.end(at: next.count)
        return true
    }
}

extension Span<UInt8> {
    /// The last slash in front of `end`.
    func lastSlash(before end: Int) -> Int? {
        var place = end
        while place > 0 {
            place -= 1
            if self[place] == UInt8(ascii: "/") { return place }
        }
        return nil
    }

    /// Where the number stands in `KINDnnn.pem` from `start` to the end; nil for any other name.
    fileprivate func digits(of kind: StaticString, from start: Int) -> Range<Int>? {
        let (low, high) = (start + kind.utf8CodeUnitCount, count - 4)
        // A number of 18 digits is certain to fit, and one more too.
        guard low < high, high - low <= 18, starts(with: kind, in: start..<count),
            starts(with: ".pem", in: high..<count)
        else { return nil }
        for index in low..<high where !(0x30...0x39).contains(self[index]) { return nil }
        return low..<high
    }

    /// Whether `link` leads to the same directory, and there to the file of `kind` with the same number.
    fileprivate func isSameGeneration(
        _ digits: Range<Int>, _ kind: StaticString, _ link: ReusedBytes, _ nameStart: Int
    ) -> Bool {
        link.withSpan { other in
            guard let own = other.digits(of: kind, from: nameStart) else { return false }
            return equals(digits, other, own) && equals(0..<nameStart, other, 0..<nameStart)
        }
    }
}

extension ReusedBytes {
    /// Whether nothing has the name; what is held is lost.
    fileprivate func isMissing(_ name: StaticString, in directory: CInt) -> Bool {
        !readLink(name, in: directory) && count == 0 && errno == ENOENT
    }
}
