import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage
import TestSupport
import Testing

@testable import certd

/// certbot's directories with hooks in all the places that certbot has for them.
@Suite struct CertbotHookTests {
    private let scratch: ScratchDirectory
    private var letsencrypt: FilePath { scratch.file("letsencrypt") }

    init() throws {
        scratch = try ScratchDirectory()
        for directory in ["deploy", "post", "pre"] { try make("letsencrypt/renewal-hooks/\(directory)") }
        try make("letsencrypt/renewal")
        try make("letsencrypt/live/pbx.test")
        try scratch.write("", to: "site.pem")
        try scratch.write("listen x\n  bind :443 ssl crt \(scratch.file("site.pem"))\n", to: "haproxy.cfg")
    }

    private func make(_ directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: scratch.file(directory).string, withIntermediateDirectories: true)
    }

    private func write(_ text: String, to name: String, isExecutable: Bool = true) throws {
        try scratch.write(
            text, to: "letsencrypt/\(name)", mode: isExecutable ? .ownerReadWriteExecute : .ownerReadWrite)
    }

    private func old() throws -> [OldHook] {
        let configuration = try HAProxyConfiguration(reading: scratch.file("haproxy.cfg"))
        let lineages = try Lineage.all(below: letsencrypt)
        return try CertbotHook.all(in: letsencrypt).compactMap {
            OldHook($0, lineages: lineages, in: letsencrypt.appending("live"), loadedBy: configuration)
        }
    }

    private var cat: String {
        "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >\(scratch.file("site.pem"))"
    }

    @Test func `the hooks that the package installs are those of the sources`() throws {
        for hook in PackageHook.allCases {
            #expect(hook.text == (try text(of: packageDirectory.appending("hooks").appending(hook.rawValue))))
        }
    }

    @Test func `hooks are found wherever certbot has them, and only those that it runs`() throws {
        try write(cat, to: "renewal-hooks/deploy/50-haproxy")
        try write(cat, to: "renewal-hooks/deploy/old~")
        try write(cat, to: "renewal-hooks/deploy/not-executable", isExecutable: false)
        try write("systemctl stop haproxy", to: "renewal-hooks/pre/stop")
        try write(PackageHook.deploy.text, to: "renewal-hooks/deploy/certbot-deploy")
        try write("systemctl reload haproxy", to: "renewal-hooks/post/reload")
        try write(
            """
            version = 2.1.0
            [renewalparams]
            # renew_hook = commented
            renew_hook = "sh -c '\(cat)'"
            post_hook = None
            """, to: "renewal/pbx.test.conf", isExecutable: false)
        try write("max-log-backups = 0\npost-hook = service haproxy reload\n", to: "cli.ini", isExecutable: false)

        let found = try old()
        #expect(
            found.map(\.hook.words) == [
                "\(letsencrypt)/renewal-hooks/deploy/50-haproxy", "\(letsencrypt)/renewal-hooks/post/reload",
                "\(letsencrypt)/renewal/pbx.test.conf, renew_hook", "\(letsencrypt)/cli.ini, post-hook",
            ])
        #expect(found.map(\.isPutAside) == [true, true, false, false])
        #expect(found.map(\.bundles) == [[scratch.file("site.pem")], [], [scratch.file("site.pem")], []])
    }

    @Test func `certbot's own files are told how to be changed, by the command that this certbot has`() throws {
        try write("renew_hook = \(cat)\n", to: "renewal/pbx.test.conf", isExecutable: false)
        let hook = try #require(try old().first)
        let own = "\(letsencrypt)/renewal-hooks/deploy/certbot-deploy"
        #expect(
            hook.byHand(CertbotVersion("certbot 4.0.0"))
                == "certbot reconfigure --cert-name pbx.test --deploy-hook \(own)")
        #expect(
            hook.byHand(CertbotVersion("certbot 2.1.0"))
                == "sed -i 's|^renew_hook *=.*|renew_hook = \(own)|' \(letsencrypt)/renewal/pbx.test.conf")
    }

    @Test func `a path that is the same for every lineage is named once`() throws {
        try make("letsencrypt/live/sip.test")
        try write(cat, to: "renewal-hooks/deploy/haproxy")
        #expect(try old().first?.description == "writes \(scratch.file("site.pem"))")
    }

    @Test func `a hook that does more is not put aside, and what more is said`() throws {
        try write("\(cat)\nsystemctl reload haproxy\nsystemctl restart postfix\n", to: "renewal-hooks/deploy/all")
        let hook = try #require(try old().first)
        #expect(!hook.isPutAside)
        #expect(hook.others == ["systemctl restart postfix"])
        #expect(hook.byHand(nil).contains("systemctl restart postfix"))
    }

    @Test(arguments: [
        "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >/var/lib/znc/znc.pem",
        "systemctl reload nginx", "#!/usr/bin/python3\nprint('haproxy reload')\n", "echo renewed",
    ])
    func `what other servers have from certbot is none of certd's business`(script: String) throws {
        try write(script, to: "renewal-hooks/deploy/other")
        #expect(try old().isEmpty)
    }

    @Test func `names that only a shell can tell count by their directory`() throws {
        let script = """
            for domain in $RENEWED_DOMAINS; do
                cat "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem" >"\(scratch.path)/$domain.pem"
            done
            """
        try write(script, to: "renewal-hooks/deploy/each")
        #expect(try old().first?.isPutAside == true)
    }
}
