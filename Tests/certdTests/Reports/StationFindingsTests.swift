import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct StationFindingsTests {
    private let scratch: ScratchDirectory
    private let made: MadeLeaf
    private let other: MadeLeaf
    private let address: ProbeAddress

    init() async throws {
        scratch = try ScratchDirectory()
        made = try await MadeLeaf("healthy", in: scratch)
        other = try await MadeLeaf("healthy-rsa", in: scratch)
        address = try #require(ProbeAddress("127.0.0.1:443"))
    }

    private func found(_ files: [String], wanted: Bundle?) throws -> [Finding] {
        let path = scratch.file("bundle.pem")
        if !files.isEmpty {
            try scratch.write(try files.map { try scratch.read($0) }.joined(), to: "bundle.pem")
        }
        let station = Observation.BundleStation(path: path, content: Result { try InstalledBundle.read(at: path) })
        return Observation(bundle: station, memory: [], wire: []).findings(for: "pbx", bundle: wanted)
    }

    @Test(
        arguments: [
            ([], .bundleMissing), (["healthy/fullchain.pem", "healthy/privkey.pem"], nil),
            (["healthy-rsa/fullchain.pem", "healthy-rsa/privkey.pem"], .bundleStale),
            (["healthy/privkey.pem"], .bundleStale),
            (["healthy/fullchain.pem"], .bundleTorn), (["healthy/cert.pem", "healthy/privkey.pem"], .bundleTorn),
        ] as [([String], FindingID?)])
    func `a bundle is compared with what the lineage's own would be`(files: [String], id: FindingID?) throws {
        let findings = try found(files, wanted: made.bundle)
        #expect(findings.map(\.id) == (id.map { [$0] } ?? []))
        #expect(
            findings.allSatisfy { $0.remedy == "certd deploy pbx" && $0.location == "\(scratch.file("bundle.pem"))" })
    }

    @Test(
        arguments: [
            ("", .pemUnreadable), ("no block\n", .notPEM), ("-----BEGIN CERTIFICATE-----\nMIIB", .pemUnreadable),
        ] as [(String, FindingID)])
    func `a bundle that was torn is made anew, not compared with anything`(text: String, id: FindingID) throws {
        try scratch.write(text, to: "torn.pem")
        let findings = try found(["torn.pem"], wanted: made.bundle)
        #expect(findings.map(\.id) == [id])
        #expect(findings.map(\.remedy) == ["certd deploy pbx"])
    }

    @Test func `where the lineage cannot be read nothing is said of its bundle`() throws {
        #expect(try found([], wanted: nil).isEmpty)
    }

    private func memory(_ loaded: Result<LoadedCertificate?, RuntimeError>) -> Observation.MemoryStation {
        Observation.MemoryStation(
            socket: "/run/admin.sock", name: "/c/pbx.pem", process: nil, loaded: loaded, list: nil)
    }

    private func wire(
        _ served: Result<ServedChain, ProbeError>, notProvable: String? = nil, showsMemory: Bool = false
    ) -> Observation.WireStation {
        Observation.WireStation(
            address: address, serverName: "pbx.example.org", served: served, notProvable: notProvable,
            showsMemory: showsMemory)
    }

    /// What HAProxy itself tells of the healthy bundle; with `bind` it is in use.
    private func loaded(bind: Bool = true) async throws -> LoadedCertificate? {
        let files = try ["healthy/fullchain.pem", "healthy/privkey.pem"].map { try scratch.read($0) }
        let bundle = try scratch.write(files.joined(), to: "loaded.pem")
        let line =
            bind ? "bind unix@\(scratch.file("tls.sock")) ssl crt \(bundle)" : "bind unix@\(scratch.file("x.sock"))"
        let haproxy = try await RunningHAProxy.start("listen tls\n    \(line)\n", in: scratch)
        return try await RuntimeAPI(socket: haproxy.socket.string).certificate(named: bundle.string)
    }

    private func found(memory: [Observation.MemoryStation], wire: [Observation.WireStation] = []) throws -> [FindingID]
    {
        let path = made.directory.appending("bundle.pem")
        try scratch.write(
            try ["fullchain", "privkey"].map { try scratch.read("healthy/\($0).pem") }.joined(),
            to: "healthy/bundle.pem")
        let station = Observation.BundleStation(path: path, content: Result { try InstalledBundle.read(at: path) })
        return Observation(bundle: station, memory: memory, wire: wire).findings(for: "pbx", bundle: made.bundle)
            .map(\.id)
    }

    @Test func `memory is compared with the bundle`() async throws {
        let certificate = try #require(try await loaded())
        #expect(try found(memory: [memory(.success(certificate))]).isEmpty)
        #expect(try found(memory: [memory(.success(nil))]) == [.memoryMissing])
        #expect(
            try found(memory: [memory(.failure(.refused(socket: "/run/admin.sock")))]) == [.haproxyUnreachable])

        let path = scratch.file("other.pem")
        try scratch.write(
            try ["fullchain", "privkey"].map { try scratch.read("healthy-rsa/\($0).pem") }.joined(), to: "other.pem")
        let bundle = Observation.BundleStation(path: path, content: Result { try InstalledBundle.read(at: path) })
        let look = Observation(bundle: bundle, memory: [memory(.success(certificate))], wire: [])
        #expect(look.findings(for: "pbx", bundle: other.bundle).map(\.id) == [.memoryStale])
    }

    @Test func `the wire is compared with memory, where it proves anything`() async throws {
        let stations = [memory(.success(try await loaded()))]
        let served = Result<ServedChain, ProbeError>.success(ServedChain(leaf: [1, 2, 3]))
        #expect(try found(memory: stations, wire: [wire(served)]) == [.wireStale])
        #expect(try found(memory: stations, wire: [wire(served, showsMemory: true)]).isEmpty)
        #expect(try found(memory: stations, wire: [wire(served, notProvable: "accept-proxy")]).isEmpty)
        #expect(try found(memory: stations, wire: [wire(.failure(.refused(address)))]) == [.wireUnreachable])
        #expect(try found(memory: [memory(.success(nil))], wire: [wire(served)]) == [.memoryMissing])
    }
}
