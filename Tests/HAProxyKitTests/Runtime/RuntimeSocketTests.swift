import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import HAProxyKit

@Suite struct RuntimeSocketTests {
    static let short = Duration.milliseconds(200)

    @Test func `an absent socket and one that nobody listens on mean that HAProxy is down`() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("s")
        let socket = RuntimeSocket(path: path.string, timeout: Self.short)
        await #expect(throws: RuntimeError.absent(socket: path.string)) { try await socket.answer(to: "show info") }
        // Also for a child of another test that was just forked and holds it until it executes something.
        let listener = try listen(on: path)
        shutdown(listener.rawValue, CInt(SHUT_RDWR))
        try listener.close()
        await #expect(throws: RuntimeError.refused(socket: path.string)) { try await socket.answer(to: "show info") }
        #expect(RuntimeError.absent(socket: "s").isDown)
        #expect(RuntimeError.refused(socket: "s").isDown)
        #expect(!RuntimeError.forbidden(socket: "s").isDown)
    }

    @Test(arguments: ["", String(repeating: "x", count: 108), "/tmp/a\0b"])
    func `a path that does not fit into a socket's address is refused`(path: String) async {
        await #expect(throws: RuntimeError.unusablePath(socket: path)) {
            try await RuntimeSocket(path: path, timeout: Self.short).answer(to: "show info")
        }
    }

    @Test func `a socket that the user may not open says how to let the group in`() throws {
        let directory = try ScratchDirectory()
        let path = directory.file("s")
        let listener = try listen(on: path)
        defer { try? listener.close() }
        unsafe chmod(path.string, 0)
        let error = #expect(throws: RuntimeError.self) {
            try asUnprivilegedUser { try RuntimeSocket(path: path.string, timeout: Self.short).exchange("show info") }
        }
        #expect(error == .forbidden(socket: path.string))
        #expect(error?.remedy.contains("stats socket \(path) mode 660 group haproxy level admin") == true)
    }

    @Test func `another kind of socket is an error of its own`() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("s")
        try await requireTool(
            "python3",
            [
                "-c", "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(sys.argv[1])",
                path.string,
            ])
        await #expect(throws: RuntimeError.self) {
            try await RuntimeSocket(path: path.string, timeout: Self.short).answer(to: "show info")
        }
    }

    @Test func `a backlog that nobody takes from ends with the time`() async throws {
        let directory = try ScratchDirectory()
        let path = directory.file("s")
        let listener = try listen(on: path, backlog: 0)
        defer { try? listener.close() }
        let socket = RuntimeSocket(path: path.string, timeout: Self.short)
        let silent = RuntimeError.silent(socket: path.string, command: "show info", after: Self.short, received: 0)
        await withTaskGroup { group in
            for _ in 1...3 {
                group.addTask {
                    await #expect(throws: silent) { try await socket.answer(to: "show info") }
                }
            }
        }
    }

    @Test(arguments: ["", "Name: HAProxy\n", "Name: HAProxy\n\n"])
    func `silence ends with the time, whatever has come`(part: String) async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in .silence(after: part) }
        let socket = RuntimeSocket(path: server.path.string, timeout: Self.short)
        let start = ContinuousClock.now
        await #expect(
            throws: RuntimeError.silent(
                socket: server.path.string, command: "show info", after: Self.short, received: part.utf8.count)
        ) { try await socket.answer(to: "show info") }
        #expect(ContinuousClock.now - start >= Self.short)
    }

    @Test func `a server that takes no more of the payload ends with the time`() async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in .silence(after: "") }
        let socket = RuntimeSocket(path: server.path.string, timeout: Self.short)
        await #expect(
            throws: RuntimeError.silent(
                socket: server.path.string, command: "set ssl cert x", after: Self.short, received: 0)
        ) { try await socket.answer(to: "set ssl cert x", payload: pemText(bytes: 4 << 20)) }
    }

    @Test func `closing without a byte is told from breaking off`() async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) {
            .hangUp(after: $0 == "show info" ? "" : "Committing x")
        }
        let socket = RuntimeSocket(path: server.path.string, timeout: .seconds(60))
        await #expect(throws: RuntimeError.closed(socket: socket.path, command: "show info")) {
            try await socket.answer(to: "show info")
        }
        await #expect(throws: RuntimeError.cutOff(socket: socket.path, command: "commit ssl cert x", received: 12)) {
            try await socket.answer(to: "commit ssl cert x")
        }
    }

    @Test func `an answer left before closing on an unread payload is still read`() async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in .hangUp(after: "too big\n\n") }
        let socket = RuntimeSocket(path: server.path.string, timeout: .seconds(60))
        let answer = try await socket.answer(to: "set ssl cert x", payload: pemText(bytes: 4 << 20))
        #expect(answer == "too big\n\n")
    }

    @Test func `an answer without end is given up`() async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in .flood }
        let socket = RuntimeSocket(path: server.path.string, timeout: .seconds(60))
        await #expect(
            throws: RuntimeError.endless(
                socket: socket.path, command: "show info", limit: RuntimeSocket.longestAnswer)
        ) { try await socket.answer(to: "show info") }
    }

    @Test func `reading stops where enough is known`() async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in
            .silence(after: "# transaction\n*a\n# filename\nb")
        }
        let socket = RuntimeSocket(path: server.path.string, timeout: .seconds(60))
        #expect(
            try await socket.answer(to: "show ssl cert", upTo: "# filename") == "# transaction\n*a\n# filename")
    }

    @Test func `10,000 names are read`() async throws {
        let names = (1...10_000).map { "/etc/haproxy/certs/\($0)-\(String(repeating: "x", count: 200)).pem" }
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in
            .answer("# filename\n\(names.joined(separator: "\n"))\n\n")
        }
        #expect(try await RuntimeAPI(socket: server.path.string).certificateNames() == names)
    }

    @Test(arguments: ["-----BEGIN X-----\nMAA=\n-----END X-----\n", "-----BEGIN X-----\nMAA=\n-----END X-----"])
    func `a payload follows its command and ends with an empty line`(text: String) async throws {
        let server = try ScriptedSocket(in: ScratchDirectory()) { _ in .answer("done\n\n") }
        let socket = RuntimeSocket(path: server.path.string, timeout: .seconds(60))
        _ = try await socket.answer(to: "set ssl cert x", payload: SecretBytes(copying: Array(text.utf8).span))
        #expect(server.messages == ["set ssl cert x <<\n-----BEGIN X-----\nMAA=\n-----END X-----\n\n"])
    }
}

/// Runs `body` on this thread with the file rights of nobody: `setfsuid` of Linux concerns one thread only.
private func asUnprivilegedUser<Result>(_ body: () throws -> Result) rethrows -> Result {
    let own = setfsuid(65_534)
    defer { _ = setfsuid(UInt32(own)) }
    return try body()
}

// Glibc's module lacks <sys/fsuid.h>.
@_silgen_name("setfsuid")
private func setfsuid(_ user: UInt32) -> CInt

/// Lines that look like PEM, `bytes` in all.
func pemText(bytes: Int) -> SecretBytes {
    let line = Array((String(repeating: "A", count: 64) + "\n").utf8)
    return SecretBytes(capacity: bytes) { output in
        for index in 0..<bytes { output.append(line[index % line.count]) }
    }
}
