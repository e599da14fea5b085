import CertKit
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

@Suite struct ConfiguredDiscoveryTests {
    @Test func `an entry wins over the bundles' directory and over what HAProxy has loaded`() throws {
        let settings = try load(
            """
            [bundles]
            directory = "/srv/certs"
            [[bundle]]
            lineage = "pbx"
            path = "/srv/combined.pem"
            hosts = ["pbx.example.com"]
            owner = "certd"
            group = "haproxy"
            """)
        let sockets = [SocketFacts("/a.sock", [LoadedFacts("/loaded.pem", "pbx", 1)])]
        let found = try Discovery(settings: settings, sockets: sockets).assignments(of: [
            facts("pbx", 1), facts("web", 2),
        ])
        let pbx = BundlePlace(
            path: "/srv/combined.pem", name: "/srv/combined.pem", hosts: ["pbx.example.com"], owner: "certd",
            group: "haproxy")
        #expect(try found.map { try $0.target.get()?.place } == [pbx, BundlePlace("/srv/certs/web.pem")])
    }

    @Test func `an entry by name is for the lineage below live alone`() throws {
        let settings = try load("[[bundle]]\nlineage = \"pbx\"\npath = \"/srv/pbx.pem\"")
        let other = try LineageFacts(lineage: Lineage("/srv/acme/pbx", below: "/etc/letsencrypt"), leaf: nil)
        let found = try Discovery(settings: settings, sockets: []).assignments(of: [facts("pbx", 1), other])
        #expect(try found.map { try $0.target.get()?.place.path } == ["/srv/pbx.pem", nil])
    }

    @Test func `every socket that has loaded the bundle belongs to the deployment, by all its own spellings`() throws {
        let settings = try load("[[bundle]]\nlineage = \"pbx\"\npath = \"/srv/pbx.pem\"")
        let sockets = [
            SocketFacts(
                "/same.sock", [LoadedFacts("/srv/x.pem"), LoadedFacts("/srv/pbx.pem"), LoadedFacts("/srv//pbx.pem")]),
            SocketFacts("/spelt.sock", [LoadedFacts("/srv/./pbx.pem")]),
            SocketFacts("/other.sock", [LoadedFacts("/srv/other.pem")]),
            SocketFacts("/silent.sock", nil),
        ]
        let found = try Discovery(settings: settings, sockets: sockets).assignments(of: [facts("pbx", 1)])
        #expect(
            try found[0].target.get()?.sockets == [
                LoadingSocket(socket: "/same.sock", name: "/srv/pbx.pem"),
                LoadingSocket(socket: "/same.sock", name: "/srv//pbx.pem"),
                LoadingSocket(socket: "/spelt.sock", name: "/srv/./pbx.pem"),
                LoadingSocket(socket: "/silent.sock", name: "/srv/pbx.pem"),
            ])
    }

    @Test func `a bundle in a crt-store is found by its file, and the file by its name`() throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write(
            "crt-store web\n load crt /srv/pbx.pem key /srv/pbx.pem alias pbx\nlisten l\n bind :443 ssl crt @web/pbx\n",
            to: "haproxy.cfg")
        let configuration = try HAProxyConfiguration(reading: file)
        let sockets = [
            SocketFacts("/store.sock", [LoadedFacts("@web/pbx", "pbx", 1)]),
            SocketFacts("/file.sock", [LoadedFacts("/srv/pbx.pem", "pbx", 1)]),
        ]
        for written in ["", "[[bundle]]\nlineage = \"pbx\"\npath = \"/srv/pbx.pem\""] {
            let sockets = written.isEmpty ? Array(sockets.prefix(1)) : sockets
            let found = try Discovery(settings: load(written), sockets: sockets, configuration: configuration)
                .assignments(of: [facts("pbx", 1)])
            let target = try #require(try found[0].target.get())
            #expect(target.place.path == "/srv/pbx.pem")
            #expect(target.sockets.map(\.name) == Array(["@web/pbx", "/srv/pbx.pem"].prefix(sockets.count)))
        }
    }

    @Test(
        arguments: [
            ("/srv/pbx.pem", "", nil), ("/srv/pbx.key", "", "/srv/pbx.key"),
            ("/srv/pbx.key", "key-path = \"/srv/own.key\"", "/srv/own.key"),
        ] as [(String, String, FilePath?)])
    func `a key that a crt-store loads by itself is written to its own file`(
        key: String, written: String, path: FilePath?
    ) throws {
        let scratch = try ScratchDirectory()
        let file = try scratch.write(
            "crt-store\n load crt /srv/pbx.pem key \(key) alias pbx\nlisten l\n bind :443 ssl crt @/pbx\n",
            to: "haproxy.cfg")
        let configuration = try HAProxyConfiguration(reading: file)
        let settings = try load("[[bundle]]\nlineage = \"pbx\"\npath = \"/srv/pbx.pem\"\n\(written)")
        let found = try Discovery(settings: settings, sockets: [], configuration: configuration)
            .assignments(of: [facts("pbx", 1)])
        #expect(try found[0].target.get()?.place.keyPath == path)
    }

    @Test func `a bundle that no HAProxy knows has no socket`() throws {
        let settings = try load("[[bundle]]\nlineage = \"pbx\"\npath = \"/srv/pbx.pem\"\nname = \"@store/pbx\"")
        let sockets = [SocketFacts("/a.sock", [LoadedFacts("/srv/pbx.pem")])]
        let found = try Discovery(settings: settings, sockets: sockets).assignments(of: [facts("pbx", 1)])
        #expect(try found[0].target.get()?.sockets == [])
    }

    @Test func `two lineages with one bundle are both refused, and only they`() throws {
        let settings = try load("[bundles]\ndirectory = \"/srv\"\n[[bundle]]\nlineage = \"a\"\npath = \"/srv/./b.pem\"")
        let found = try Discovery(settings: settings, sockets: []).assignments(of: [
            facts("a", 1), facts("b", 2), facts("c", 3),
        ])
        let error = DiscoveryError.sharedPath(path: "/srv/b.pem", lineages: ["a", "b"])
        #expect(found.map(\.target.error) == [error, error, nil])
        #expect(
            ErrorReport(error)?.lines == [
                "certd: error: /srv/b.pem: several lineages have it as their bundle: a, b",
                "certd: hint: write in certd.toml:", "certd: hint: [[bundle]]",
                #"certd: hint: lineage = "a"  # or "b""#,
                #"certd: hint: path = "/PATH/OF/ITS/OWN""#,
            ])
    }

    @Test func `leaves in memory are needed only for a lineage without a configured place`() throws {
        let lineages = try [live("a"), live("b")]
        let one = try load("[[bundle]]\nlineage = \"a\"\npath = \"/a\"")
        #expect(Discovery.needsLeaves(for: lineages, settings: one))
        #expect(try !Discovery.needsLeaves(for: [live("a")], settings: one))
        #expect(try !Discovery.needsLeaves(for: lineages, settings: load("[bundles]\ndirectory = \"/srv\"")))
    }
}

/// Without a configuration the lineages are matched with what HAProxy has loaded.
@Suite struct MatchedDiscoveryTests {
    @Test func `the loaded certificate that is the lineage's own is its bundle`() throws {
        let loaded = [LoadedFacts("/b.pem", "b.example.com", 2), LoadedFacts("/a.pem", "a.example.com", 1)]
        #expect(try places([facts("a.example.com", 1)], loaded) == ["a.example.com": "/a.pem"])
    }

    @Test func `after a renewal the one for the same names is`() throws {
        let loaded = [LoadedFacts("/web.pem", "www.example.com", 7), LoadedFacts("/pbx.pem", "PBX.example.com", 1)]
        #expect(try places([facts("pbx.example.com", 2)], loaded) == ["pbx.example.com": "/pbx.pem"])
    }

    @Test(
        arguments: [
            ("pbx.example.com", "/loaded.pem"), ("*.example.com", "/loaded.pem"), ("example.com", nil),
            ("a.pbx.example.com", nil), ("pbx.example.org", nil), ("", nil),
        ] as [(String, FilePath?)])
    func `else one whose names the lineage covers`(name: String, path: FilePath?) throws {
        let wildcard = try LineageFacts("wild", ["mail.example.org", "*.example.com"], 2)
        let loaded = LoadedFacts("/loaded.pem", name.isEmpty ? [] : [name], 1)
        #expect(try places([wildcard], [loaded])["wild"] == path)
    }

    @Test func `a wildcard lineage leaves the certificate of another lineage alone`() throws {
        let lineages = try [LineageFacts("wild", ["*.example.com"], 9), facts("pbx.example.com", 2)]
        #expect(
            try places(lineages, [LoadedFacts("/pbx.pem", "pbx.example.com", 1)]) == ["pbx.example.com": "/pbx.pem"])
    }

    @Test func `a copy of a configured lineage's certificate is nobody else's bundle`() throws {
        let settings = try load("[[bundle]]\nlineage = \"pbx.example.com\"\npath = \"/pbx.pem\"")
        let loaded = [LoadedFacts("/pbx.pem", "pbx.example.com", 1), LoadedFacts("/copy.pem", "pbx.example.com", 1)]
        let lineages = try [LineageFacts("wild", ["*.example.com"], 9), facts("pbx.example.com", 1)]
        let found = Discovery(settings: settings, sockets: [SocketFacts("/a.sock", loaded)]).assignments(
            of: lineages)
        #expect(try found.map { try $0.target.get()?.place.path } == [nil, "/pbx.pem"])
    }

    @Test(arguments: [nil, LeafFacts(serial: "05", sha1: "05", names: ["other.example.com"])])
    func `a lineage that matches nothing has no bundle`(leaf: LeafFacts?) throws {
        let facts = try LineageFacts(lineage: live("pbx.example.com"), leaf: leaf)
        #expect(try places([facts], [LoadedFacts("/pbx.pem", "pbx.example.com", 1)]) == [:])
    }

    @Test func `two candidates are an error that names both and shows what to write`() throws {
        let loaded = [LoadedFacts("/a.pem", "pbx.example.com", 1), LoadedFacts("/b.pem", "pbx.example.com", 1)]
        let error = try #require(try assignments([facts("pbx.example.com", 1)], loaded)[0].target.error)
        #expect(
            ErrorReport(error)?.lines == [
                "certd: error: pbx.example.com: each of these in HAProxy's memory could be its bundle: /a.pem, /b.pem",
                "certd: hint: write in certd.toml:", "certd: hint: [[bundle]]",
                #"certd: hint: lineage = "pbx.example.com""#, #"certd: hint: path = "/a.pem"  # or "/b.pem""#,
            ])
    }

    @Test func `the two of a pair are told apart by their keys, also after both were renewed`() throws {
        func leaf(_ number: Int, _ algorithm: ProbeTarget.Algorithm) -> LeafFacts {
            LeafFacts(serial: "0\(number)", sha1: "0\(number)", names: ["pbx.example.com"], algorithm: algorithm)
        }
        let loaded = [
            LoadedFacts(name: "/pbx.pem.ecdsa", leaf: leaf(1, .ecdsa)),
            LoadedFacts(name: "/pbx.pem.rsa", leaf: leaf(2, .rsa)),
        ]
        for numbers in [(1, 2), (3, 2), (1, 4), (3, 4)] {
            let lineages = try [
                LineageFacts(lineage: live("pbx"), leaf: leaf(numbers.0, .ecdsa)),
                LineageFacts(lineage: live("pbx-rsa"), leaf: leaf(numbers.1, .rsa)),
            ]
            #expect(try places(lineages, loaded) == ["pbx": "/pbx.pem.ecdsa", "pbx-rsa": "/pbx.pem.rsa"])
        }
        // The kind of key may change with a renewal, where there is no pair.
        let other = try LineageFacts(lineage: live("pbx"), leaf: leaf(3, .rsa))
        #expect(try places([other], Array(loaded.prefix(1))) == ["pbx": "/pbx.pem.ecdsa"])
    }

    @Test func `two lineages that fit are an error that names both and shows what to write`() throws {
        let lineages = try [
            LineageFacts("pbx", ["pbx.example.com"], 2), LineageFacts("pbx-0001", ["pbx.example.com"], 3),
        ]
        let found = try assignments(lineages, [LoadedFacts("/a.pem", "pbx.example.com", 1)])
        let error = DiscoveryError.severalLineages(name: "/a.pem", lineages: ["pbx", "pbx-0001"])
        #expect(found.map(\.target.error) == [error, error])
        #expect(
            ErrorReport(error)?.lines == [
                "certd: error: /a.pem: each of these lineages could be the one it belongs to: pbx, pbx-0001",
                "certd: hint: write in certd.toml:", "certd: hint: [[bundle]]",
                #"certd: hint: lineage = "pbx"  # or "pbx-0001""#, #"certd: hint: path = "/a.pem""#,
            ])
    }

    @Test(arguments: ["@store/pbx", "certs/pbx.pem"])
    func `a name that is no absolute path needs an entry`(name: String) throws {
        let error = try #require(
            try assignments([facts("pbx", 1)], [LoadedFacts(name, "pbx", 1)])[0].target.error)
        #expect(
            ErrorReport(error)?.lines == [
                "certd: error: pbx: HAProxy's name for its bundle is no absolute path: \(name)",
                "certd: hint: write in certd.toml:", "certd: hint: [[bundle]]", #"certd: hint: lineage = "pbx""#,
                #"certd: hint: path = "/PATH/OF/THE/FILE""#, "certd: hint: name = \"\(name)\"",
            ])
    }

    @Test func `a certificate that several sockets have loaded under one name is one candidate`() throws {
        let sockets = [
            SocketFacts("/a.sock", [LoadedFacts("/pbx.pem", "pbx", 1)]),
            SocketFacts("/b.sock", [LoadedFacts("/pbx.pem", "pbx", 2)]), SocketFacts("/c.sock", nil),
        ]
        let found = try Discovery(settings: load(), sockets: sockets).assignments(of: [facts("pbx", 2)])
        #expect(try found[0].target.get()?.sockets.map(\.socket) == ["/a.sock", "/b.sock", "/c.sock"])
    }
}

private func assignments(_ lineages: [LineageFacts], _ loaded: [LoadedFacts]) throws -> [Assignment] {
    Discovery(settings: try load(), sockets: [SocketFacts("/a.sock", loaded)]).assignments(of: lineages)
}

/// The path of each lineage that has one.
private func places(_ lineages: [LineageFacts], _ loaded: [LoadedFacts]) throws -> [String: FilePath] {
    var places: [String: FilePath] = [:]
    for found in try assignments(lineages, loaded) { places[found.lineage.name] = try found.target.get()?.place.path }
    return places
}

private func live(_ name: String) throws -> Lineage { try Lineage(name, below: "/etc/letsencrypt") }

/// A lineage named after the one name its leaf has.
private func facts(_ name: String, _ number: Int) throws -> LineageFacts {
    try LineageFacts(name, [name], number)
}

extension LineageFacts {
    fileprivate init(_ name: String, _ names: [String], _ number: Int) throws {
        self.init(
            lineage: try live(name), leaf: LeafFacts(serial: "0\(number)", sha1: "0\(number)", names: names))
    }
}

extension LoadedFacts {
    fileprivate init(_ name: String, _ host: String, _ number: Int) { self.init(name, [host], number) }

    fileprivate init(_ name: String, _ hosts: [String], _ number: Int) {
        self.init(name: name, leaf: LeafFacts(serial: "0\(number)", sha1: "0\(number)", names: hosts))
    }

    fileprivate init(_ name: String) { self.init(name: name, leaf: nil) }
}

extension SocketFacts {
    fileprivate init(_ socket: FilePath, _ loaded: [LoadedFacts]?) { self.init(socket: socket, loaded: loaded) }
}

extension BundlePlace {
    fileprivate init(_ path: FilePath) { self.init(path: path, name: path.string) }
}

extension Result {
    fileprivate var error: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}
