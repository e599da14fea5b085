import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// What stands beside a bundle: an OCSP response, its issuer, certificate timestamps.
@Suite struct CompanionTests {
    private func pki(_ rig: Rig, _ name: String) -> String { "\(rig.letsencrypt)/pki/\(name)" }

    /// Writes the OCSP response for a generation, in which its issuer says that it is good.
    private func writeResponse(_ rig: Rig, for generation: Int, to path: String) async throws {
        let certificate = "\(rig.letsencrypt)/archive/\(rig.name)/cert\(generation).pem"
        let serial = try #require(try InstalledBundle.read(at: FilePath(certificate)).leaf).serial.description
        let index = rig.scratch.file("index\(generation)").string
        try "V\t401123000000Z\t\t\(serial.uppercased())\tunknown\t/CN=x\n".write(
            toFile: index, atomically: true, encoding: .utf8)
        let (issuer, request) = (pki(rig, "intermediate.pem"), rig.scratch.file("request").string)
        try await requireTool(
            "openssl", ["ocsp", "-issuer", issuer, "-cert", certificate, "-reqout", request, "-no_nonce"])
        try await requireTool(
            "openssl",
            [
                "ocsp", "-index", index, "-rsigner", issuer, "-rkey", pki(rig, "intermediate.key"), "-CA", issuer,
                "-reqin", request, "-respout", path, "-ndays", "7",
            ])
    }

    /// What a client that asks for a stapled response gets.
    private func stapled(_ rig: Rig) async throws -> String? {
        let answer = try await requireTool(
            "openssl",
            ["s_client", "-connect", "\(rig.address)", "-servername", rig.name, "-status"])
        guard let serial = answer.split(separator: "\n").first(where: { $0.contains("Serial Number: ") }) else {
            #expect(answer.contains("no response sent"))
            return nil
        }
        return serial.split(separator: " ").last.map { $0.lowercased() }
    }

    private func serial(_ rig: Rig, _ generation: Int) throws -> String {
        let path = FilePath("\(rig.letsencrypt)/archive/\(rig.name)/cert\(generation).pem")
        return try #require(try InstalledBundle.read(at: path).leaf).serial.description
    }

    /// A rig at whose start HAProxy staples a response for generation 1.
    private func rig() async throws -> Rig {
        let rig = try await Rig()
        try await rig.kill()
        try await writeResponse(rig, for: 1, to: "\(rig.bundle).ocsp")
        try FileManager.default.copyItem(atPath: pki(rig, "intermediate.pem"), toPath: "\(rig.bundle).issuer")
        try await rig.start()
        #expect(try await stapled(rig) == serial(rig, 1))
        return rig
    }

    @Test func `they go with the certificate in its transaction, so that HAProxy goes on stapling`() async throws {
        let rig = try await rig()
        try await rig.renew()
        try await writeResponse(rig, for: 2, to: "\(rig.bundle).ocsp")
        let sent = Sent()

        let report = try await rig.deploy(.acting(before: { sent.note($0) }))

        #expect(report.findings == [])
        #expect(
            sent.changing == [
                "set ssl cert \(rig.bundle)", "set ssl cert \(rig.bundle).issuer", "set ssl cert \(rig.bundle).ocsp",
                "commit ssl cert \(rig.bundle)",
            ])
        // They are held against what the process takes that is there now.
        let question = try #require(sent.all.firstIndex { $0.hasPrefix("abort ") })
        #expect(sent.all[..<question].last == "show info")
        #expect(try await stapled(rig) == serial(rig, 2))
        try await rig.expectInStep(2)
    }

    @Test func `the old certificate's response does not go with the new one, and is named`() async throws {
        let rig = try await rig()
        try await rig.renew()

        let report = try await rig.deploy()

        #expect(report.findings.map(\.id) == [.companionRefused])
        #expect(report.findings.first?.location == "\(rig.bundle).ocsp")
        #expect(report.findings.first?.message.contains("another certificate") == true)
        #expect(try await stapled(rig) == nil)
        try await rig.expectInStep(2)
    }

    @Test(arguments: [
        ("ocsp", "no response"), ("ocsp", ""), ("issuer", "no certificate"), ("sctl", "no timestamps"), ("sctl", ""),
    ])
    func `what is none of them holds no renewal back`(ending: String, text: String) async throws {
        let rig = try await Rig()
        try await rig.renew()
        try text.write(toFile: "\(rig.bundle).\(ending)", atomically: true, encoding: .utf8)

        let report = try await rig.deploy()

        #expect(report.findings.map(\.id) == [.companionRefused])
        #expect(report.findings.first?.location == "\(rig.bundle).\(ending)")
        try await rig.expectInStep(2)
    }

    @Test func `a response that makes the commit fail is left out of a second transaction`() async throws {
        let rig = try await Rig(serving: ["--chain", "none"])
        try await rig.renew(2, ["--chain", "none"])
        // Without a chain and an issuer HAProxy cannot tell whose response it is.
        try await writeResponse(rig, for: 2, to: "\(rig.bundle).ocsp")
        let sent = Sent()

        let report = try await rig.deploy(.acting(before: { sent.note($0) }), isForced: true)

        #expect(report.findings.map(\.id).contains(.companionRefused))
        #expect(sent.changing.filter { $0.hasPrefix("commit") }.count == 2)
        try await rig.expectInStep(2)
    }

    @Test func `a failed proof brings back the response of the certificate from before`() async throws {
        let rig = try await rig()
        try await rig.renew()
        let new = try rig.sha1(of: 2)
        var world = World.live
        world.probe = HandshakeProbe { target throws(ProbeError) in
            let chain = try await HandshakeProbe.live.handshake(target)
            let leaf = chain.certificates[0]
            guard hexadecimal(Digest.sha1(leaf.span)) == new else { return chain }
            throw .closed(target.address)
        }

        _ = await rig.refusal(world)

        #expect(try await stapled(rig) == serial(rig, 1))
        try await rig.expectInStep(1)
    }
}
