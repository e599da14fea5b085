import SystemPackage
import TestSupport
import Testing

@testable import CertKit

/// The reader's system calls against certbot's, in every order that matters.
///
/// Each rule of reading is pinned here: without the comparison of numbers, `certbot may die at any moment` takes mixed links
/// for a generation; without opening by the links' texts, `links that turn back` mixes two; without reading the names again,
/// `certbot may go on between any two system calls` returns what is no longer current, as without the rule that a young
/// directory's times tell nothing; without the marks of an update, both miss one; without comparing what was read with what
/// was named, `plain files that are replaced` mixes two.
@Suite struct SnapshotTests {
    private static let lineage = try? Lineage("site", below: "/etc/letsencrypt")

    /// The model's directories change at 1970: one moment at which they are too young to tell the next change by their own
    /// times, since all of it happens within a tick of their clock, and one at which they tell it.
    private static let moments = [Duration.zero, .seconds(1_000_000)]

    enum Story: String, CaseIterable {
        case renewal, renewalReusingKey, firstIssue, rollback, deathAndNextStart

        var states: [CertbotState] {
            switch self {
            case .renewal:
                var model = CertbotModel(at: 3)
                model.renew(from: 3)
                return model.states
            case .renewalReusingKey:
                var model = CertbotModel(at: 3)
                model.renew(from: 3, reusingKey: true)
                return model.states
            case .firstIssue: return CertbotModel.firstIssue().states
            case .rollback:
                var model = CertbotModel(at: 3)
                model.writeArchive(4, atOnce: true)
                model.makePrevious()
                model.relink([.cert, .privkey], to: 4)
                model.relink(to: 3)
                model.removePrevious()
                return model.states
            case .deathAndNextStart:
                // After the links went back, certbot renews once more: 4 is taken, so it is 5.
                var model = CertbotModel(at: 3)
                model.writeArchive(4, atOnce: true)
                model.makePrevious()
                model.relink([.cert, .privkey, .chain], to: 4)
                model.relink(to: 3)
                model.removePrevious()
                model.writeArchive(5, atOnce: true)
                model.makePrevious()
                model.relink(to: 5)
                model.removePrevious()
                return model.states
            }
        }
    }

    /// Takes a snapshot and checks what must hold of every one.
    ///
    /// - Returns: Whether there was one.
    private func take(
        _ states: [CertbotState], _ schedule: @escaping (Int) -> Int, _ name: @autoclosure () -> String,
        of story: Story,
        at now: Duration
    ) throws -> Bool {
        let view = ModelView(states, isWithinTick: now == .zero, schedule: schedule)
        let snapshot: Snapshot
        do {
            snapshot = try Snapshot(of: #require(Self.lineage), through: view, at: now)
        } catch let error as LineageError {
            switch error {
            case .file, .mixed, .stillChanging: return false
            default: throw error
            }
        }
        guard case .links(let files, let isUpdating) = snapshot.names else {
            Issue.record("\(name()): links were taken for files")
            return true
        }
        let number = files.cert.number
        // A file that certbot is still writing has no link but at the first issue; what is parsed later is whole or refused.
        for file in LineageFile.allCases where story != .firstIssue {
            let ofKey = file == .privkey && story == .renewalReusingKey ? 3 : number
            let expected = SecretBytes(copying: Array(CertbotState.text(file, ofKey).utf8).span)
            if snapshot.contents[file]?.bytes != expected {
                Issue.record("\(name()): \(file) is not of generation \(number)")
            }
        }
        let seen = [view.whenRead, view.atTheEnd].compactMap { $0 }
        // Links that turn back one by one may each be seen at `number`, with no moment at which all of them were.
        if seen.allSatisfy({ $0.current != nil && $0.current != number }) {
            Issue.record("\(name()): \(number) is no longer current")
        }
        if !isUpdating, seen.allSatisfy(\.isUpdating) { Issue.record("\(name()): the update under way was missed") }
        return true
    }

    @Test(arguments: Story.allCases, moments)
    func `certbot may die at any moment`(story: Story, at now: Duration) throws {
        let states = story.states
        let taken = try states.indices.filter { index in
            try take(states, { _ in index }, "\(story) dead at \(index)", of: story, at: now)
        }
        // Of the states in which all links are of one generation, none is refused.
        let whole = states.indices.filter { index in
            let state = states[index]
            guard let number = state.current else { return false }
            return LineageFile.allCases.allSatisfy { state.archive[CertbotState.archivePath($0, number)] != nil }
        }
        #expect(taken == whole)
    }

    @Test(arguments: [Story.renewal, .renewalReusingKey, .firstIssue, .rollback], moments)
    func `certbot may go on between any two system calls`(story: Story, at now: Duration) throws {
        let states = story.states
        var taken = 0
        for start in states.indices {
            // Where certbot stands still, the reader makes so many calls; no later one can see certbot go on.
            let still = ModelView(states, isWithinTick: now == .zero) { _ in start }
            _ = try? Snapshot(of: #require(Self.lineage), through: still, at: now)
            for end in start..<states.count {
                for step in 1..<still.calls
                where try take(
                    states, { $0 < step ? start : end }, "\(story) \(start) to \(end) before call \(step)", of: story,
                    at: now)
                {
                    taken += 1
                }
            }
        }
        #expect(taken > states.count)
    }

    @Test(arguments: Story.allCases, moments)
    func `certbot may work while the reader does, in any rhythm`(story: Story, at now: Duration) throws {
        let states = story.states
        var random = SeededGenerator(seed: 20_261_123)
        for _ in 0..<1000 {
            var moves: [Int] = []
            let speed = Int.random(in: 1...8, using: &random)
            var position = Int.random(in: 0..<states.count, using: &random)
            for _ in 0..<64 {
                if Int.random(in: 0..<8, using: &random) < speed { position += Int.random(in: 0...3, using: &random) }
                moves.append(position)
            }
            let schedule = moves
            _ = try take(states, { schedule[$0] }, "\(story) \(schedule)", of: story, at: now)
        }
    }

    @Test func `plain files that are replaced and put back while they are read are of one moment`() throws {
        // Another client renames a file of the next generation into place and thinks better of it, twice: cert.pem and
        // privkey.pem are never both of the next one.
        var states = [CertbotState()]
        for (number, file) in LineageFile.allCases.enumerated() {
            states[0].files[number] = .init(text: CertbotState.text(file, 1))
            states[0].files[number + 4] = .init(text: CertbotState.text(file, 2))
            states[0].archive[file.name] = number
        }
        for (name, number) in [("cert.pem", 4), ("cert.pem", 0), ("privkey.pem", 5), ("privkey.pem", 1)] {
            var next = states[states.count - 1]
            next.archive[name] = number
            states.append(next)
        }
        let moments = states.map { state in
            LineageFile.allCases.map { state.archive[$0.name].flatMap { state.files[$0]?.text } }
        }
        let lineage = try Lineage("/srv/acme/site", below: "/etc/letsencrypt")
        let still = ModelView(states) { _ in 0 }
        _ = try Snapshot(of: lineage, through: still, at: .zero)
        for first in 1..<still.calls {
            for second in first..<still.calls {
                for third in second..<still.calls {
                    let view = ModelView(states) { $0 < first ? 0 : $0 < second ? 1 : $0 < third ? 3 : 4 }
                    guard let snapshot = try? Snapshot(of: lineage, through: view, at: .zero) else { continue }
                    let texts = snapshot.contents.all.map { contents in
                        contents.bytes.withSpan { span in
                            String(decoding: span.indices.map { span[$0] }, as: UTF8.self)
                        }
                    }
                    if !moments.contains(texts) { Issue.record("before calls \(first), \(second), \(third): \(texts)") }
                }
            }
        }
    }

    @Test(arguments: moments)
    func `links that turn back while the files are read do not mix generations`(at now: Duration) throws {
        let states = Story.rollback.states
        for middle in states.indices {
            // The calls that read the files.
            for away in 9...25 {
                for back in away...25 {
                    let schedule = { call in call < away ? 0 : call < back ? middle : states.count - 1 }
                    _ = try take(
                        states, schedule, "rollback, at \(middle) from \(away) to \(back)", of: .rollback, at: now)
                }
            }
        }
    }
}
