import HAProxyKit
import SystemPackage
import TestSupport
import Testing

/// The names of crt-stores; HAProxy 2.6 has none, so they are as HAProxy 3.0.11 and 3.2.26 showed them.
@Suite struct CertificateStoreTests {
    private let scratch: ScratchDirectory
    private let configuration: HAProxyConfiguration

    init() throws {
        scratch = try ScratchDirectory()
        let file = try scratch.write(
            """
            crt-store
             crt-base /srv
             key-base /srv/keys
             load crt one.pem key one.key alias one
             load crt plain.pem key /srv/plain.key ocsp plain.ocsp issuer /srv/issuer.pem
            crt-store web
             crt-base /srv/web
             load alias two crt two.pem
             load crt ../three.pem
             load crt /srv/four.pem
            frontend f
             bind :443 ssl crt @/one crt plain.pem crt @web/two crt @web/../three.pem crt @web/srv/four.pem
             bind :444 ssl crt @web/nobody crt /srv//five.pem crt-list /nowhere/list

            """, to: "haproxy.cfg")
        configuration = try HAProxyConfiguration(reading: file)
    }

    @Test(arguments: [
        ("@/one", "/srv/one.pem"), ("plain.pem", "/srv/plain.pem"), ("@web/two", "/srv/web/two.pem"),
        ("@web/../three.pem", "/srv/three.pem"), ("@web/srv/four.pem", "/srv/four.pem"),
        ("/srv//five.pem", "/srv/five.pem"),
    ])
    func `a file is found by its name and the name by its file`(name: String, file: FilePath) {
        #expect(configuration.names(of: file) == [name])
        #expect(configuration.file(named: name)?.lexicallyNormalized() == file)
        #expect(configuration.listeners(loading: name).count == 1)
    }

    @Test func `a name that no store has is no file`() {
        #expect(configuration.file(named: "@web/nobody") == nil)
        #expect(configuration.names(of: "/srv/nobody") == [])
    }

    @Test func `a store tells where the key is`() {
        let keys = configuration.listeners.flatMap(\.certificates).map { $0.keyFile }
        #expect(keys == ["/srv/keys/one.key", "/srv/plain.key", nil, nil, nil, nil, nil])
    }

    @Test(
        arguments: [
            ("/srv/one.pem", "/srv/keys/one.key"), ("/srv/plain.pem", "/srv/plain.key"), ("/srv/web/two.pem", nil),
            ("/srv/five.pem", nil),
        ] as [(FilePath, FilePath?)])
    func `the key of a file is found by the file`(file: FilePath, key: FilePath?) {
        #expect(configuration.keyFile(of: file) == key)
    }

    @Test func `beside a store's certificates there are only the companions that it names`() {
        #expect(
            configuration.companionFiles(of: "plain.pem", at: "/srv/plain.pem") == [
                .ocsp: "/srv/plain.ocsp", .issuer: "/srv/issuer.pem",
            ])
        #expect(configuration.companionFiles(of: "@/one", at: "/srv/one.pem") == [:])
    }

    @Test(arguments: [
        ("", "/srv/x.pem", ["/srv/x.pem.issuer", "/srv/x.pem.ocsp", "/srv/x.pem.sctl"]),
        ("ssl-load-extra-files all", "/srv/x.pem", ["/srv/x.pem.issuer", "/srv/x.pem.ocsp", "/srv/x.pem.sctl"]),
        ("ssl-load-extra-files key ocsp", "/srv/x.pem", ["/srv/x.pem.ocsp"]),
        ("ssl-load-extra-files none", "/srv/x.pem", []),
        // Only a final ".crt" is taken away.
        ("ssl-load-extra-del-ext", "/srv/x.pem", ["/srv/x.pem.issuer", "/srv/x.pem.ocsp", "/srv/x.pem.sctl"]),
        ("ssl-load-extra-del-ext", "/srv/x.crt", ["/srv/x.issuer", "/srv/x.ocsp", "/srv/x.sctl"]),
    ])
    func `companions stand where HAProxy looks for them`(line: String, file: FilePath, found: [FilePath]) throws {
        let text = "global\n \(line)\nfrontend f\n bind :443 ssl crt \(file)\n"
        let configuration = try HAProxyConfiguration(reading: scratch.write(text, to: "haproxy.cfg"))
        #expect(
            configuration.companionFiles(of: file.string, at: file).values.sorted { $0.string < $1.string } == found)
    }

    @Test(arguments: [
        ("", nil), ("tune.bufsize 8192", 8192), ("tune.bufsize 16k", 16_384), ("tune.bufsize 1M", 1_048_576),
        ("tune.bufsize \"$SIZE\"", nil), ("tune.bufsize 99999999999999999999", nil),
    ])
    func `the size of HAProxy's buffers is told`(line: String, size: Int?) throws {
        let file = try scratch.write("global\n \(line)\n", to: "haproxy.cfg")
        #expect(try HAProxyConfiguration(reading: file).bufferSize == size)
    }
}
