import CertKit
import SystemPackage
import TestSupport
import Testing

@Suite struct BundleTests {
    /// The bundle of a lineage that `make-certificates` makes.
    private func bundle(_ options: [String] = []) async throws -> (bundle: Bundle, made: MadeLineage) {
        let made = try await MadeLineage(options)
        let generation = try await made.read()
        let bundle = try Bundle(
            lineage: "site", leaf: generation.leaf, chain: generation.chain, key: generation.key)
        return (bundle, made)
    }

    @Test(arguments: [
        [], ["--key", "rsa", "--issuer", "rsa"], ["--key", "p521", "--issuer", "lower"], ["--chain", "none"],
    ])
    func `a bundle is leaf, chain and key in canonical PEM`(options: [String]) async throws {
        let (bundle, made) = try await bundle(options)
        // What the certificates come from is canonical already.
        let expected = try made.scratch.read(made.live("fullchain.pem")) + made.scratch.read(made.live("privkey.pem"))
        #expect(bundle.rendered() == SecretBytes(copying: Array(expected.utf8).span))
        #expect(bundle.rendered().count == expected.utf8.count)
    }

    @Test func `a root is not sent`() async throws {
        let (bundle, made) = try await bundle(["--chain", "root"])
        let whole = try await made.read()
        #expect(whole.chain.count == 2)
        #expect(bundle.chain == [whole.chain[0]])
    }

    @Test func `a key of another certificate makes no bundle`() async throws {
        let made = try await MadeLineage()
        let first = try await made.read()
        try await made.renew(to: 2)
        let second = try await made.read()
        #expect(throws: BundleError.keyDoesNotMatchLeaf(lineage: "site")) {
            try Bundle(lineage: "site", leaf: second.leaf, chain: second.chain, key: first.key)
        }
    }

    enum Install: CaseIterable { case whole, withoutKey, keyBeside, anothersKeyBeside, anothersKey }

    @Test(arguments: Install.allCases)
    func `an installed bundle has its key in it or beside it, or lacks it`(install: Install) async throws {
        let (bundle, made) = try await bundle()
        let scratch = made.scratch
        let certificates = try scratch.read(made.live("fullchain.pem"))
        let key = try scratch.read(made.live("privkey.pem"))
        try await made.renew(to: 2)
        let anothers = try scratch.read(made.live("privkey.pem"))
        let text =
            switch install {
            case .whole: certificates + key
            case .withoutKey, .keyBeside, .anothersKeyBeside: certificates
            case .anothersKey: certificates + anothers
            }
        let path = try scratch.write(text, to: "site.pem")
        if install == .keyBeside { try scratch.write(key, to: "site.pem.key") }
        if install == .anothersKeyBeside { try scratch.write(anothers, to: "site.pem.key") }

        let installed = try InstalledBundle.read(at: path)
        #expect(installed.leaf == bundle.leaf)
        #expect(installed.chain == bundle.chain)
        #expect(installed.hasKey == [.whole, .keyBeside].contains(install))
        #expect((installed.contents.bytes == bundle.rendered()) == (install == .whole))
    }

    @Test(arguments: [("certificates\n", "key", "certificates\nkey"), ("cut", "key", "cut\nkey"), ("", "key", "key")])
    func `two files are joined at a line end`(main: String, key: String, joined: String) {
        func bytes(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8).span) }
        #expect(BundleBytes(main: bytes(main), key: bytes(key)).joined == bytes(joined))
        #expect(BundleBytes(main: bytes(main)).joined == bytes(main))
    }

    @Test func `a file with a key alone holds no leaf that it could be the key of`() async throws {
        let (_, made) = try await bundle()
        let path = try made.scratch.write(made.scratch.read(made.live("privkey.pem")), to: "site.pem")
        let installed = try InstalledBundle.read(at: path)
        #expect(installed.leaf == nil && installed.soleKey != nil && !installed.hasKey)
    }

    @Test func `where no bundle is, that is what is said`() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("site.pem")
        #expect(throws: FileError.missing(path: path)) { try InstalledBundle.read(at: path) }
        try scratch.write("", to: "site.pem")
        #expect(throws: PEMError.empty(file: path.string)) { try InstalledBundle.read(at: path) }
    }
}
