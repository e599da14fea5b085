import CertKit
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite struct KeyExposureTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.makeDirectory("keys")
        try scratch.write("key", to: "keys/privkey.pem")
    }

    private func exposure(trusting groups: Set<UInt32> = []) throws -> KeyExposure? {
        let key = try readFile(at: scratch.file("keys/privkey.pem"))
        return KeyExposure(of: key.path, key.identity, trusting: groups)
    }

    @Test(arguments: [mode_t(0o600), 0o400, 0o620, 0o601])
    func `a key that only its owner reads is no finding`(mode: mode_t) throws {
        try scratch.setMode(mode, of: "keys/privkey.pem")
        #expect(try exposure() == nil)
    }

    @Test func `a key that everybody can reach is critical, and behind a closed directory a warning`() throws {
        try scratch.setMode(0o644, of: "keys/privkey.pem")
        // The scratch directory itself is 0700, as certbot's live and archive are.
        let shielded = try #require(try exposure())
        #expect(shielded.shield == scratch.path)
        #expect(shielded.finding.severity == .warning)
        try scratch.setMode(0o711, of: "")
        let open = try #require(try exposure())
        #expect(open.shield == nil)
        #expect(open.finding.severity == .critical)
        #expect(open.finding.id == .keyPermissions)
        #expect(open.finding.remedy.contains("chmod 0600 \(scratch.file("keys/privkey.pem"))"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files to a group"))
    func `a group that may read keys is no finding, another one is`() throws {
        try scratch.setMode(0o640, of: "keys/privkey.pem")
        try scratch.give("keys/privkey.pem", to: 0, 4242)
        #expect(try exposure(trusting: [4242]) == nil)
        #expect(try exposure(trusting: [4243])?.group == 4242)
        try scratch.give("keys/privkey.pem", to: 0, 0)
        #expect(try exposure() == nil)
    }

    @Test(
        .enabled(if: geteuid() == 0, "only root can give files to a group"),
        arguments: [
            // The directory's mode and group, and whether it keeps group 4242 out.
            (mode_t(0o700), UInt32(0), true), (0o710, 4242, false), (0o710, 4243, true), (0o711, 0, false),
        ])
    func `a directory keeps out who may not pass it`(mode: mode_t, group: UInt32, shields: Bool) throws {
        try scratch.setMode(0o755, of: "")
        try scratch.setMode(mode, of: "keys")
        try scratch.give("keys", to: 0, group)
        try scratch.setMode(0o640, of: "keys/privkey.pem")
        try scratch.give("keys/privkey.pem", to: 0, 4242)
        let found = try #require(try exposure())
        #expect(found.shield == (shields ? scratch.file("keys") : nil))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files to a group"), arguments: [UInt32(0), 4242])
    func `a directory that lets in a group keeps everybody else out only where the group is trusted`(group: UInt32)
        throws
    {
        try scratch.setMode(0o755, of: "")
        try scratch.setMode(0o710, of: "keys")
        try scratch.give("keys", to: 0, group)
        try scratch.setMode(0o644, of: "keys/privkey.pem")
        let found = try #require(try exposure())
        #expect(found.shield == (group == 0 ? scratch.file("keys") : nil))
    }

    @Test func `a directory that is gone keeps nobody out`() throws {
        try scratch.setMode(0o644, of: "keys/privkey.pem")
        let key = try readFile(at: scratch.file("keys/privkey.pem"))
        let found = try #require(KeyExposure(of: scratch.file("gone/privkey.pem"), key.identity))
        // The one above it is 0700.
        #expect(found.shield == scratch.path)
    }
}
