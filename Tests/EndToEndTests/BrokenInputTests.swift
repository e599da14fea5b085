internal import FoundationEssentials
internal import Glibc
internal import SystemPackage
internal import TestSupport
internal import Testing

/// What may stand in a lineage's files, and what must not, by `certd build`; no HAProxy runs.
@Suite struct BrokenInputTests {
    private let workshop: Workshop

    init() async throws { workshop = try await Workshop() }

    /// A change to a file that every reader of PEM takes.
    enum Tolerated: String, CaseIterable {
        case carriageReturns, mark, text, noFinalLineFeed, curveParameters, primeParameters, longLines
    }

    @Test(arguments: Tolerated.allCases)
    func `harmless oddities are read, and the bundle has none of them`(oddity: Tolerated) async throws {
        let whole = try await workshop.build()
        try workshop.change("privkey") { key in
            switch oddity {
            case .carriageReturns: key.replacing("\n", with: "\r\n")
            case .mark: "\u{FEFF}" + key
            case .text: "Bag Attributes\n    friendlyName: pbx\n\n" + key + "\n\nthe end"
            case .noFinalLineFeed: String(key.dropLast())
            case .curveParameters:
                "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + key
            case .primeParameters: "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n" + key
            case .longLines: oneLine(key)
            }
        }
        for file in ["cert", "chain", "fullchain"] {
            try workshop.change(file) { text in
                switch oddity {
                case .carriageReturns: text.replacing("\n", with: "\r\n")
                case .mark: "\u{FEFF}" + text
                case .text: "subject=CN = pbx\n\n" + text + "\nissued by somebody"
                case .noFinalLineFeed: String(text.dropLast())
                case .curveParameters, .primeParameters: text
                case .longLines: oneLine(text)
                }
            }
        }

        let bundle = try await workshop.build()

        #expect(bundle == whole)
        #expect(!bundle.contains("\r") && !bundle.contains("\n\n") && bundle.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
        #expect(bundle.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        let check = try await workshop.haproxyCheck()
        #expect(check.succeeded, "\(check.errors)")
    }

    /// What no reader can make sense of, and the words by which it is told.
    enum Refused: String, CaseIterable {
        case carriageReturnsAlone, wide, glued, leadingBlanks, blankLine, bytesAfter, empty, begins, hundredAndOne
        case large, sparse, endless, pipe, socket, directory, kernelFile

        var words: String {
            switch self {
            case .carriageReturnsAlone: "carriage return alone"
            case .wide: "UTF-16"
            case .glued, .leadingBlanks: "must stand alone on its line"
            case .blankLine: "an empty line"
            case .bytesAfter: "bytes are left over"
            case .empty: "the file is empty"
            case .begins: "BEGIN line without its END line"
            case .hundredAndOne: "more than 100 certificates"
            case .large, .sparse: "larger than 1048576 bytes"
            case .endless: "a character device"
            case .pipe: "a named pipe"
            case .socket: "a socket"
            case .directory: "a directory"
            case .kernelFile: "kernel"
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: Refused.allCases)
    func `what cannot be read is told at once, and the bundle stays`(input: Refused) async throws {
        let before = try await workshop.build()
        let path = workshop.file("fullchain")
        let text = try String(contentsOfFile: path, encoding: .utf8)
        switch input {
        case .carriageReturnsAlone: try workshop.change("fullchain") { $0.replacing("\n", with: "\r") }
        case .wide: try workshop.replace("fullchain", with: [0xff, 0xfe] + text.utf8.flatMap { [$0, 0] })
        case .glued: try workshop.change("fullchain") { $0.replacing("-----\n-----", with: "----------") }
        case .leadingBlanks: try workshop.change("fullchain") { " " + $0.replacing("\n", with: "\n ") }
        case .blankLine: try workshop.change("fullchain") { $0.replacing("-----\nM", with: "-----\n\nM") }
        case .bytesAfter: try workshop.replace("fullchain", with: Array(appendingByte(toFirstBlockOf: text).utf8))
        case .empty: try workshop.replace("fullchain", with: [])
        case .begins:
            try workshop.change("fullchain") { _ in String(repeating: "-----BEGIN CERTIFICATE-----\n", count: 20_000) }
        case .hundredAndOne: try workshop.change("cert") { String(repeating: $0, count: 101) }
        case .large: try workshop.change("fullchain") { $0 + String(repeating: "x\n", count: 1 << 19) }
        case .sparse: try workshop.stretch("fullchain", to: 1 << 40)
        case .endless: try workshop.link("fullchain", to: "/dev/zero")
        case .pipe: try workshop.makeNode("fullchain", S_IFIFO)
        case .socket: try workshop.makeNode("fullchain", S_IFSOCK)
        case .directory: try workshop.makeDirectory("fullchain")
        case .kernelFile: try workshop.link("fullchain", to: "/proc/self/maps")
        }

        let run = try await workshop.certd()

        #expect(!run.succeeded)
        #expect(run.errors.contains(input.words), "\(run.errors)")
        #expect(run.errors.contains("certd: hint: "))
        #expect(try workshop.bundle() == before)
    }
}

/// All of a block's base64 in one line.
private func oneLine(_ text: String) -> String {
    text.split(separator: "\n").map { $0.hasPrefix("-----") ? "\n\($0)\n" : String($0) }.joined()
        .split(separator: "\n").map { $0 + "\n" }.joined()
}

/// The first block again with a byte more in it than its certificate has.
private func appendingByte(toFirstBlockOf text: String) -> String {
    let lines = text.split(separator: "\n")
    let end = lines.firstIndex { $0.hasPrefix("-----END") } ?? 0
    let der = Data(base64Encoded: lines[1..<end].joined()) ?? Data()
    return ([String(lines[0]), (der + [0]).base64EncodedString()] + lines[end...].map(String.init))
        .joined(separator: "\n") + "\n"
}

/// One lineage, a configuration for it without HAProxy, and the certd that was built with the tests.
private struct Workshop {
    private let scratch: ScratchDirectory
    private let name = "pbx.example.org"
    private let binary: FilePath

    init() async throws {
        scratch = try ScratchDirectory()
        binary = FilePath(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .removingLastComponent().appending("certd")
        try FileManager.default.createDirectory(
            atPath: scratch.file("certs").string, withIntermediateDirectories: false)
        try await MadeCertificates.lineage(name, below: scratch.file("letsencrypt"), now: nil)
        try scratch.write(
            """
            [letsencrypt]
            directory = "\(scratch.file("letsencrypt"))"
            [haproxy]
            sockets = []
            configuration = "\(scratch.file("haproxy.cfg"))"
            [bundles]
            directory = "\(scratch.file("certs"))"
            [check]
            trust = "\(scratch.file("letsencrypt/pki/root.pem"))"
            [paths]
            state = "\(scratch.file("state"))"
            """, to: "certd.toml")
    }

    /// The file of the archive that live leads to.
    func file(_ kind: String) -> String { scratch.file("letsencrypt/archive/\(name)/\(kind)1.pem").string }

    func certd() async throws -> ToolRun {
        try await runTool(binary.string, ["build", name, "--config", scratch.file("certd.toml").string])
    }

    /// Builds, which has to succeed, and gives the bundle.
    func build() async throws -> String {
        let run = try await certd()
        try #require(run.succeeded, "\(run.errors)")
        return try bundle()
    }

    func bundle() throws -> String { try scratch.read("certs/\(name).pem") }

    func haproxyCheck() async throws -> ToolRun {
        let bundle = scratch.file("certs/\(name).pem")
        let address = RunningHAProxy.unusedAddress()
        try scratch.write(
            "defaults\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
                + "listen it\n bind \(address) ssl crt \(bundle)\n server it \(address)\n", to: "haproxy.cfg")
        return try await runTool("haproxy", ["-c", "-f", scratch.file("haproxy.cfg").string])
    }

    func replace(_ kind: String, with bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: file(kind))) }

    func change(_ kind: String, _ body: (String) -> String) throws {
        try replace(kind, with: Array(body(String(contentsOfFile: file(kind), encoding: .utf8)).utf8))
    }

    func stretch(_ kind: String, to size: Int) throws {
        try require(unsafe truncate(file(kind), size))
    }

    func link(_ kind: String, to target: String) throws {
        try FileManager.default.removeItem(atPath: file(kind))
        try FileManager.default.createSymbolicLink(atPath: file(kind), withDestinationPath: target)
    }

    func makeNode(_ kind: String, _ type: mode_t) throws {
        try FileManager.default.removeItem(atPath: file(kind))
        try require(unsafe mknod(file(kind), type | 0o600, 0))
    }

    func makeDirectory(_ kind: String) throws {
        try FileManager.default.removeItem(atPath: file(kind))
        try FileManager.default.createDirectory(atPath: file(kind), withIntermediateDirectories: false)
    }

    private func require(_ result: CInt) throws {
        guard result == 0 else { throw Errno(rawValue: errno) }
    }
}
