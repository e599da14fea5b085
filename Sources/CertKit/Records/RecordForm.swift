/// The form of a record of verdicts: a heading that names it, entries of one width in ascending order of their keys, each
/// key once, and the SHA-256 of all that.
///
/// Whoever keeps a record in a file has to make sure that nobody else could write there: the digest tells damage, not
/// forgery.
struct RecordForm: Sendable {
    /// What comes first; it names the version too.
    let heading: StaticString
    /// The bytes of an entry.
    let width: Int
    /// How many of them, from its start, tell it from others.
    let keyWidth: Int

    private static let digestWidth = 32

    /// Where the entries stand in `record`; nil if anything about it is odd.
    func entries(of record: Span<UInt8>) -> Range<Int>? {
        let (start, end) = (heading.utf8CodeUnitCount, record.count - Self.digestWidth)
        guard start <= end, (end - start).isMultiple(of: width), record.starts(with: heading, in: 0..<start),
            Digest.sha256(record.extracting(0..<end)) == record.copy(end..<record.count)
        else { return nil }
        var place = start
        while place + width < end {
            let next = place + width
            guard record.isLess(place..<place + keyWidth, than: record, next..<next + keyWidth) else { return nil }
            place = next
        }
        return start..<end
    }

    /// A record of `entries`, which may stand in any order; of several with one key the first one counts.
    func record(of entries: [[UInt8]]) -> [UInt8] {
        let ordered = entries.enumerated().sorted { one, other in
            let (own, theirs) = (one.element.span, other.element.span)
            if own.equals(0..<keyWidth, theirs, 0..<keyWidth) { return one.offset < other.offset }
            return own.isLess(0..<keyWidth, than: theirs, 0..<keyWidth)
        }
        var record = [UInt8](capacity: heading.utf8CodeUnitCount + entries.count * width + Self.digestWidth) { output in
            for index in 0..<heading.utf8CodeUnitCount { unsafe output.append(heading.utf8Start[index]) }
        }
        var last: [UInt8] = []
        for (_, entry) in ordered where !(last.count == width && last.prefix(keyWidth) == entry.prefix(keyWidth)) {
            record += entry
            last = entry
        }
        return record + Digest.sha256(record.span)
    }
}
