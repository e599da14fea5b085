/// The entries of a record that was read, found by their keys, and which of them were of use.
struct RecordedEntries: Sendable {
    private let form: RecordForm
    private let record: KeptRecord?
    private let range: Range<Int>
    private var isUsed: [Bool]

    /// None.
    init(_ form: RecordForm) {
        (self.form, record, range, isUsed) = (form, nil, 0..<0, [])
    }

    /// Those of `record`; nil if anything about it is odd.
    init?(_ form: RecordForm, of record: KeptRecord) {
        guard let range = record.withSpan({ form.entries(of: $0) }) else { return nil }
        (self.form, self.record, self.range) = (form, record, range)
        isUsed = Array(repeating: false, count: range.count / form.width)
    }

    /// How many there are.
    var count: Int { isUsed.count }

    /// The number of the entry with this key; nil where there is none.
    func index(of key: Span<UInt8>) -> Int? {
        record?.withSpan { text in
            var (low, high) = (0, isUsed.count)
            while low < high {
                let middle = (low + high) / 2
                let start = range.lowerBound + middle * form.width
                if text.isLess(start..<start + form.keyWidth, than: key, 0..<form.keyWidth) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            let start = range.lowerBound + low * form.width
            return low < isUsed.count && text.equals(start..<start + form.keyWidth, key, 0..<form.keyWidth) ? low : nil
        }
    }

    /// Lends an entry for the duration of `body`.
    func withEntry<Result>(_ index: Int, _ body: (Span<UInt8>) -> Result) -> Result? {
        record?.withSpan { text in
            let start = range.lowerBound + index * form.width
            return body(text.extracting(start..<start + form.width))
        }
    }

    /// Notes that an entry was of use.
    mutating func use(_ index: Int) { isUsed[index] = true }

    /// A record of what is here and of `fresh` entries, which replace those of the same key; nil where it would be the one
    /// that was read.
    ///
    /// `forgettingUnused` leaves out what was of no use.
    func record(with fresh: some Collection<[UInt8]>, forgettingUnused: Bool) -> [UInt8]? {
        guard !fresh.isEmpty || forgettingUnused && isUsed.contains(false) else { return nil }
        let old = isUsed.indices.filter { isUsed[$0] || !forgettingUnused }
        return form.record(of: Array(fresh) + old.compactMap { withEntry($0) { $0.copy($0.indices) } })
    }
}
