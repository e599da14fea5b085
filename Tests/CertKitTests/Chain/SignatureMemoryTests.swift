import Testing

@testable import CertKit

/// What is remembered of verified signatures, and what is believed of a record of them.
@Suite struct SignatureMemoryTests {
    private let leaf: Certificate
    private let key: PublicKey
    private let otherKey: PublicKey

    init() throws {
        leaf = try Certificate.sample(Sample.leaf)
        key = try Certificate.sample(Sample.intermediate).publicKey
        otherKey = leaf.publicKey
    }

    @Test func `a signature that holds is verified once`() {
        let memory = SignatureMemory()
        var asked = 0
        for _ in 1...3 {
            let holds = memory.holds(leaf, signedBy: key) {
                asked += 1
                return true
            }
            #expect(holds)
        }
        #expect(asked == 1)
    }

    @Test func `one that does not hold is never remembered, whoever asks`() throws {
        let memory = SignatureMemory()
        #expect(!memory.holds(leaf, signedBy: key) { false })
        #expect(memory.recorded(forgettingUnused: false) == nil)
        var asked = false
        _ = memory.holds(leaf, signedBy: key) {
            asked = true
            return false
        }
        #expect(asked)
    }

    @Test func `what libcrypto has loaded is known by its bytes alone, and what it refuses is not`() throws {
        let memory = SignatureMemory()
        #expect(!memory.holds(loadable: leaf))
        try leaf.checkedByLibcrypto(recalling: memory)
        #expect(memory.holds(loadable: leaf))
        #expect(try !memory.holds(loadable: Certificate.sample(Sample.intermediate)))
        #expect(!memory.holds(leaf, signedBy: key) { false })
        // What is known is not loaded again: of this one libcrypto would say no.
        var der = leaf.der
        der[try #require(der.firstRange(of: leaf.publicKey.spki)?.upperBound) - 1] ^= 1
        let broken = try Certificate(der: der)
        for _ in 1...2 {
            #expect(throws: CertificateError.self) { try broken.checkedByLibcrypto(recalling: memory) }
        }
        memory.remember(loadable: broken)
        #expect(throws: Never.self) { try broken.checkedByLibcrypto(recalling: memory) }
    }

    @Test func `of what was verified long ago only that is kept which is still asked for`() {
        let memory = SignatureMemory()
        #expect(memory.holds(leaf, signedBy: key) { true })
        #expect(memory.holds(leaf, signedBy: otherKey) { true })
        for _ in 1...3 {
            memory.forgetUnused()
            #expect(memory.holds(leaf, signedBy: key) { false })
        }
        #expect(memory.count == 1)
        #expect(!memory.holds(leaf, signedBy: otherKey) { false })
        memory.forgetUnused()
        #expect(memory.recorded(forgettingUnused: false) != nil, "it is not yet forgotten")
        memory.forgetUnused()
        #expect(memory.count == 0)
    }

    @Test func `a record says what was verified, for this key and certificate alone`() throws {
        let record = try record(of: [(leaf, key)])
        let memory = try #require(remembered(record))
        #expect(memory.holds(leaf, signedBy: key) { false })
        #expect(!memory.holds(leaf, signedBy: otherKey) { false })
        #expect(memory.recorded(forgettingUnused: true) == nil, "nothing new, nothing unused")
    }

    @Test func `many entries are found again, and those that nobody asked for are forgotten on request`() throws {
        let certificates = try [Sample.leaf, Sample.intermediate].map { try Certificate.sample($0) }
        let pairs = certificates.flatMap { one in certificates.map { (one, $0.publicKey) } }
        let memory = try #require(remembered(record(of: pairs)))
        for (certificate, key) in pairs.dropFirst() { #expect(memory.holds(certificate, signedBy: key) { false }) }
        #expect(memory.recorded(forgettingUnused: false) == nil)
        let shorter = try #require(memory.recorded(forgettingUnused: true))
        let left = try #require(remembered(shorter))
        #expect(!left.holds(pairs[0].0, signedBy: pairs[0].1) { false })
        for (certificate, key) in pairs.dropFirst() { #expect(left.holds(certificate, signedBy: key) { false }) }
    }

    @Test func `a record that is odd in any way is not believed`() throws {
        let record = try record(of: [(leaf, key), (leaf, otherKey)])
        let heading = record.count - 3 * 32
        for index in record.indices {
            var flipped = record
            flipped[index] ^= 1
            #expect(remembered(flipped) == nil, "byte \(index) changed")
        }
        for count in 0..<record.count {
            #expect(remembered(Array(record.prefix(count))) == nil, "cut after \(count)")
        }
        #expect(remembered(record + [0]) == nil)
        let (first, last) = (record[heading..<heading + 32], record[heading + 32..<heading + 64])
        for (body, what) in [(last + first, "in the wrong order"), (first + first, "twice")] {
            let text = Array(record[..<heading] + body)
            #expect(remembered(text + Digest.sha256(text.span)) == nil, "an entry stands \(what)")
        }
    }

    private func remembered(_ record: [UInt8]) -> SignatureMemory? { SignatureMemory(recorded: record.span) }

    private func record(of signatures: [(Certificate, PublicKey)]) throws -> [UInt8] {
        let memory = SignatureMemory()
        for (certificate, key) in signatures { _ = memory.holds(certificate, signedBy: key) { true } }
        return try #require(memory.recorded(forgettingUnused: false))
    }
}
