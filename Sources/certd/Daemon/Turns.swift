import CertKit

/// The looks of the daemon: a cheap one each minute, in which a sixtieth of the lineages has its turn to be read in full,
/// so that in an hour everything was.
struct Turns: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How many looks it takes until every lineage has had its turn.
    static let count = 60

    /// The time between two looks.
    let interval: Duration
    /// When the next look is due.
    private(set) var next: Instant
    private var number = 0

    /// The first look is due one interval after `start`, at which everything is read anyway.
    init(interval: Duration = .seconds(60), start: Instant) {
        self.interval = interval
        next = start + interval
    }

    /// Counts a look at `now`; those that were missed while something took long are not made up for.
    mutating func take(at now: Instant) {
        number += 1
        next = now + interval
    }

    /// Whether the look that was taken last ends a round in which every lineage has its turn.
    var endsRound: Bool { number.isMultiple(of: Turns.count) }

    /// Whether `lineage` has its turn in the look that was taken last.
    ///
    /// It goes by the name, so that it does not depend on which others there are, nor changes at a start of the daemon.
    func includes(_ lineage: Lineage) -> Bool {
        (lineage.nameHash >> 32) % UInt64(Turns.count) == UInt64(number % Turns.count)
    }
}
