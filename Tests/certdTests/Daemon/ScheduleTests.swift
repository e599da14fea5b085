import CertKit
import SystemPackage
import Testing

@testable import certd

/// When which lineage is dealt with, on a clock that stands where the test says.
@Suite struct ScheduleTests {
    private let start = ContinuousClock.now
    private let pbx: Lineage
    private let sip: Lineage

    init() throws {
        pbx = try Lineage("pbx.example.org", below: "/etc/letsencrypt")
        sip = try Lineage("sip.example.org", below: "/etc/letsencrypt")
    }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test func `what is not whole is read again after 1, 2, 4 to 200 ms, for 2 seconds`() {
        var settling = Settling(at: start)
        var tries = [0]
        while settling.triesAgain(after: settling.next) {
            tries.append(Int((settling.next - start) / .milliseconds(1)))
        }
        #expect(tries.prefix(9) == [0, 1, 3, 7, 15, 31, 63, 127, 255])
        #expect(zip(tries, tries.dropFirst()).allSatisfy { $1 - $0 <= 200 })
        #expect(tries.last == 2000)
    }

    @Test func `an event begins the tries anew`() {
        var schedule = Schedule()
        schedule.begin(pbx, because: .event, at: at(0))
        schedule.read(pbx, isWhole: false, at: at(0))
        schedule.read(pbx, isWhole: false, at: at(1))
        #expect(schedule.next == at(3))
        schedule.begin(pbx, because: .event, at: at(2))
        #expect(schedule.readable(at: at(2)) == [pbx])
        schedule.read(pbx, isWhole: false, at: at(2001))
        #expect(schedule.deployable.isEmpty)
        schedule.read(pbx, isWhole: false, at: at(2002))
        #expect(schedule.deployable == [pbx], "what does not settle is for the deployment to judge")
    }

    @Test func `what is whole is deployed at once, and then forgotten`() {
        var schedule = Schedule()
        schedule.begin(pbx, because: .event, at: at(0))
        schedule.read(pbx, isWhole: true, at: at(0))
        #expect(schedule.deployable == [pbx])
        #expect(schedule.next.map { $0 <= .now } == true)
        schedule.finish(pbx)
        #expect(schedule.next == nil && schedule.lineages.isEmpty)
    }

    @Test func `a failure is tried again later, and an event does not wait for that`() throws {
        var schedule = Schedule()
        var generator = FixedGenerator()
        for failure in 1...8 {
            schedule.begin(pbx, because: .turn, at: at(0))
            schedule.fail(pbx, at: at(0), using: &generator)
            let pause = try #require(schedule.next) - at(0)
            #expect(pause >= .seconds(1) && pause <= .seconds(min(1 << (failure - 1), 60)))
        }
        schedule.begin(pbx, because: .surroundings, at: at(1))
        #expect(schedule.readable(at: at(1)) == [pbx])
    }

    @Test func `a renewal does not wait for all whose turn it is`() throws {
        var schedule = Schedule()
        let others = try (0..<100).map { try Lineage("host\($0).example.org", below: "/etc/letsencrypt") }
        for other in others { schedule.begin(other, because: .turn, at: at(0)) }
        #expect(schedule.readable(at: at(0)).count == Schedule.portion)
        schedule.begin(pbx, because: .event, at: at(0))
        #expect(schedule.readable(at: at(0)) == [pbx])
    }

    @Test func `a turn changes nothing for what is dealt with already`() {
        var schedule = Schedule()
        schedule.begin(pbx, because: .event, at: at(0))
        schedule.read(pbx, isWhole: false, at: at(0))
        schedule.begin(pbx, because: .turn, at: at(500))
        #expect(schedule.next == at(1))
        #expect(schedule.hasEvent(pbx) && !schedule.hasEvent(sip))
    }

    @Test func `pauses grow from 1 s to 60 s, and are not all the same`() {
        var generator = SystemRandomNumberGenerator()
        for (failure, longest) in zip(1..., [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            let pauses = (0..<200).map { _ in Backoff.pause(afterFailure: failure, using: &generator) }
            #expect(pauses.allSatisfy { $0 >= max(.seconds(longest) / 2, .seconds(1)) && $0 <= .seconds(longest) })
            #expect(longest == 1 || Set(pauses).count > 20)
        }
        #expect(Backoff.pause(afterFailure: .max, using: &generator) <= .seconds(60))
    }

    @Test func `in an hour every lineage has its turn once, spread evenly`() throws {
        let lineages = try (0..<1200).map { try Lineage("host\($0).example.org", below: "/etc/letsencrypt") }
        var turns = Turns(start: start)
        var counts: [Lineage: Int] = [:]
        for look in 1...60 {
            #expect(turns.next == start + .seconds(60 * look))
            turns.take(at: turns.next)
            let now = lineages.filter(turns.includes)
            #expect((5...40).contains(now.count), "20 of 1200 are a sixtieth")
            for lineage in now { counts[lineage, default: 0] += 1 }
        }
        #expect(counts.count == lineages.count && counts.values.allSatisfy { $0 == 1 })
    }

    @Test func `looks that were missed are not made up for`() {
        var turns = Turns(start: start)
        turns.take(at: start + .seconds(600))
        #expect(turns.next == start + .seconds(660))
    }
}

/// Always the same numbers.
private struct FixedGenerator: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0x9e37_79b9_7f4a_7c15 }
}
