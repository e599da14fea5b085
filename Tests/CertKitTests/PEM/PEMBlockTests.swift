import CertKit
import Glibc
import Testing

@Suite struct PEMBlockTests {
    private func blocks(_ text: String) throws(PEMError) -> [PEMBlock] {
        try PEMBlock.all(in: Array(text.utf8).span, of: "f.pem")
    }

    @Test(arguments: [
        "-----BEGIN A-----\nTWFu\n-----END A-----\n", "-----BEGIN A-----\nTWFu\n-----END A-----",
        "-----BEGIN A-----\r\nTWFu\r\n-----END A-----\r\n", "\u{FEFF}-----BEGIN A-----\nTWFu\n-----END A-----\n",
        "-----BEGIN A-----  \nTWFu \n-----END A-----\t\n",
        "-----BEGIN A-----\nTWFu\n-----END A-----\nBag Attributes\n  x: -----\n",
    ])
    func `a block is found whatever stands around it`(text: String) throws {
        let block = try #require(try blocks(text).first)
        #expect(block.label == "A")
        #expect(block.line == 1)
        #expect(Array(text.utf8)[block.body].starts(with: "TWFu".utf8))
    }

    @Test func `blocks know their lines`() throws {
        let found = try blocks(
            "text\n-----BEGIN A-----\nTWFu\n-----END A-----\n\n\n-----BEGIN B C-----\nTWFu\nTWFu\n-----END B C-----\n")
        #expect(found.map(\.label) == ["A", "B C"])
        #expect(found.map(\.line) == [2, 7])
        #expect(found.map(\.body.count) == [5, 10])
    }

    @Test(arguments: [
        ("-----BEGIN A-----\nTWFu\n", 1, PEMFault.beginWithoutEnd),
        ("-----BEGIN A-----\nTWFu\n-----BEGIN A-----\nTWFu\n-----END A-----\n", 1, .beginWithoutEnd),
        ("-----BEGIN A-----\nTWFu-----END A-----\n", 1, .beginWithoutEnd),
        ("-----BEGIN A-----\nTWFu\n -----END A-----\n", 1, .beginWithoutEnd),
        ("TWFu\n-----END A-----\n", 2, .endWithoutBegin),
        ("-----BEGIN A-----\nTWFu\n-----END B-----\n", 3, .endOfAnotherLabel),
        ("-----BEGIN A-----\nTWFu\n-----END A----------BEGIN A-----\nTWFu\n-----END A-----\n", 3, .crowdedBoundary),
        ("-----BEGIN A-----\nTWFu\n-----END A-----x\n", 3, .crowdedBoundary),
        (" -----BEGIN A-----\nTWFu\n-----END A-----\n", 1, .crowdedBoundary),
        ("x -----END A-----\n", 1, .crowdedBoundary),
        ("-----BEGIN A----\nTWFu\n-----END A-----\n", 1, .crowdedBoundary),
        ("-----BEGIN -----BEGIN A-----\nTWFu\n-----END A-----\n", 1, .crowdedBoundary),
        // A key whose line ends were lost, say: a label is told to the operator, so it holds no more than a label.
        ("-----BEGIN \(key)-----\nTWFu\n-----END \(key)-----\n", 1, .crowdedBoundary),
        ("-----BEGIN --", 1, .crowdedBoundary), ("-----BEGIN -----TWFu-----END -----", 1, .crowdedBoundary),
        ("-----BEGIN A-----\rTWFu\r-----END A-----\r", 1, .bareCarriageReturn),
        ("-----BEGIN A-----\n-----END A-----\n", 1, .emptyBody),
        ("-----BEGIN A-----\n\nTWFu\n-----END A-----\n", 2, .blankLine),
        ("-----BEGIN A-----\nTWFu\n  \nTWFu\n-----END A-----\n", 3, .blankLine),
        ("-----BEGIN A-----\n-TWFu\n-----END A-----\n", 2, .notBase64),
    ])
    func `a block that is not whole is named by its line, never skipped`(text: String, line: Int, fault: PEMFault) {
        #expect(throws: PEMError.unreadable(file: "f.pem", line: line, fault)) { try blocks(text) }
    }

    @Test(
        arguments: [
            ([0x30, 0x82, 0x01, 0x00, 0x30], ForeignFormat.der), ([0x30, 0x03, 0x02, 0x01, 0x05], .der),
            (Array("\u{FEFF}-".utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }, .utf16),
            ([0xfe, 0xff, 0x00, 0x2d], .utf16), ([0x00], .binary), (Array("hello\n".utf8), .text), ([0x30], .text),
            (Array("-----begin certificate-----".utf8), .text),
        ] as [([UInt8], ForeignFormat)])
    func `a file without a block is not PEM`(bytes: [UInt8], format: ForeignFormat) {
        #expect(throws: PEMError.notPEM(file: "f.pem", looksLike: format)) {
            try PEMBlock.all(in: bytes.span, of: "f.pem")
        }
    }

    @Test func `an empty file and a vast one are refused`() {
        #expect(throws: PEMError.empty(file: "f.pem")) { try blocks("") }
        let vast = [UInt8](repeating: 0x0a, count: PEMBlock.sizeLimit + 1)
        #expect(throws: PEMError.tooLarge(file: "f.pem", limit: 1 << 20)) {
            try PEMBlock.all(in: vast.span, of: "f.pem")
        }
    }

    @Test func `a block under a passphrase is told apart`() {
        let text = """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,00

            TWFu
            -----END RSA PRIVATE KEY-----
            """
        #expect(throws: PEMError.encryptedKey(file: "f.pem", line: 1)) { try blocks(text) }
    }

    @Test(arguments: [
        ("-----BEGIN A-----\n", 20_000), ("-", 1 << 20), ("-----BEGIN ", 90_000), ("\n", 1 << 20),
        ("-----BEGIN A-----\nA\n-----END A-----\n", 29_000),
    ])
    func `a hostile mebibyte takes one linear pass`(piece: String, times: Int) {
        let text = String(repeating: piece, count: times)
        let start = threadSeconds()
        _ = try? blocks(text)
        #expect(threadSeconds() - start < 5, "a debug build takes half a second; anything quadratic takes minutes")
    }
}

/// What might be a line of a key.
private let key = String(repeating: "MIGHAgEA", count: 9)

/// The processor time of this thread: other tests run beside it.
private func threadSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
