import SystemPackage
import Testing

@testable import certd

/// What the hooks of guides and of real hosts do, as far as it can be read in them.
@Suite struct HookReadingTests {
    struct Known: Sendable, CustomTestStringConvertible {
        let name: String
        let script: String
        var paths: [String] = []
        var tells = false
        var certd = false
        var others: [String] = []

        var testDescription: String { name }
    }

    private static let guide = "/etc/ssl/certs/combined.pem"

    static let known: [Known] = [
        Known(
            name: "the guide's two lines",
            script: """
                cat /etc/letsencrypt/live/pbx.test/fullchain.pem /etc/letsencrypt/live/pbx.test/privkey.pem > /etc/ssl/certs/combined.pem
                systemctl reload haproxy
                """, paths: [guide], tells: true),
        Known(
            name: "one line with sh -c, as a --deploy-hook",
            script: """
                sh -c 'cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem > /etc/ssl/certs/combined.pem && systemctl reload haproxy'
                """, paths: [guide], tells: true),
        Known(
            name: "variables, a condition, quotes and a restart",
            script: """
                #!/bin/bash
                set -euo pipefail
                # Only for this one.
                SITE=pbx.test
                LIVE="/etc/letsencrypt/live/${SITE}"
                if [ "$RENEWED_LINEAGE" = "$LIVE" ]; then
                    umask 077
                    cat "$LIVE"/fullchain.pem \\
                        "$LIVE"/privkey.pem >"/etc/haproxy/certs/$SITE.pem"
                    chown haproxy: "/etc/haproxy/certs/$SITE.pem"
                    service haproxy restart 2>&1 | logger -t certbot
                fi
                """, paths: ["/etc/haproxy/certs/pbx.test.pem"], tells: true),
        Known(
            name: "the lineage's name by basename",
            script: """
                name=$(basename "$RENEWED_LINEAGE")
                cat $RENEWED_LINEAGE/{fullchain,privkey}.pem | tee /etc/haproxy/certs/$name.pem >/dev/null
                /etc/init.d/haproxy reload
                """, paths: ["/etc/haproxy/certs/pbx.test.pem"], tells: true),
        Known(
            name: "the lineage's name by what stands behind the last slash",
            script: "cat $RENEWED_LINEAGE/privkey.pem $RENEWED_LINEAGE/cert.pem >/c/${RENEWED_LINEAGE##*/}.pem",
            paths: ["/c/pbx.test.pem"]),
        Known(
            name: "a temporary file that is moved",
            script: """
                tmp=$(mktemp)
                trap 'rm -f "$tmp"' EXIT
                cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem > "$tmp"
                install -m 600 $tmp /etc/ssl/certs/combined.pem
                rm -f $tmp
                haproxy -c -q -f /etc/haproxy/haproxy.cfg && systemctl reload haproxy.service
                """, paths: [guide], tells: true),
        Known(
            name: "a pipe into install, as root",
            script:
                "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem | sudo install -m 600 /dev/stdin /c/x.pem",
            paths: ["/c/x.pem"]),
        Known(
            name: "a loop over the names, which only a shell knows",
            script: """
                for domain in $RENEWED_DOMAINS; do
                    cat "$RENEWED_LINEAGE/privkey.pem" "$RENEWED_LINEAGE/fullchain.pem" > /etc/haproxy/certs/$domain.pem
                done
                systemctl reload haproxy
                """, tells: true),
        Known(
            name: "a case with a branch for each lineage",
            script: """
                case "$RENEWED_LINEAGE" in
                */pbx.test) cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >/c/a.pem ;;
                (*/sip.test) cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >/c/b.pem ;;
                *) exit 0;;
                esac
                systemctl try-reload-or-restart haproxy
                """, paths: ["/c/a.pem", "/c/b.pem"], tells: true),
        Known(
            name: "the Runtime API by socat, in a function",
            script: """
                update() {
                    cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem >/c/x.pem
                    echo -e "set ssl cert /c/x.pem <<\\n$(cat /c/x.pem)\\n" | socat stdio /run/haproxy/admin.sock
                }
                update
                """, paths: ["/c/x.pem"], tells: true),
        Known(name: "HAProxy in a container", script: "docker kill -s HUP haproxy", tells: true),
        Known(
            name: "other servers too",
            script: "systemctl reload haproxy postfix dovecot\ncp $RENEWED_LINEAGE/privkey.pem /etc/mail/\n",
            paths: ["/etc/mail"], tells: true, others: ["systemctl reload haproxy postfix dovecot"]),
        Known(
            name: "another server's alone",
            script: "systemctl is-active -q nginx && nginx -s reload",
            others: ["nginx -s reload"]),
        Known(
            name: "HAProxy stopped and started around certbot", script: "systemctl start haproxy",
            others: ["systemctl start haproxy"]),
        Known(name: "certd's own", script: PackageHook.deploy.text, certd: true),
        Known(name: "a script of its own", script: "/opt/deploy", paths: ["/c/called.pem"]),
        Known(name: "a program of its own", script: "/opt/program --quick", others: ["/opt/program --quick"]),
        Known(name: "a here-document", script: "cat <<END\nx\nEND\n", others: ["cat <<END"]),
        Known(name: "nothing", script: "#!/bin/sh\n# nothing yet\n"),
    ]

    @Test(arguments: known)
    func `what a hook does is read in it`(hook: Known) {
        let deeds = HookReading.deeds(of: hook.script) { path in
            path == "/opt/deploy"
                ? "cat $RENEWED_LINEAGE/fullchain.pem $RENEWED_LINEAGE/privkey.pem > /c/called.pem" : nil
        }
        #expect(deeds.paths(for: "pbx.test", in: "/etc/letsencrypt/live").map(\.string) == hook.paths)
        #expect(deeds.tellsHAProxy == hook.tells)
        #expect(deeds.runsCertd == hook.certd)
        #expect(deeds.others == hook.others)
    }

    @Test func `a script that calls itself is left at some point`() {
        let deeds = HookReading.deeds(of: "/opt/again") { _ in "/opt/again" }
        #expect(deeds.others == ["/opt/again"])
    }

    @Test(arguments: [
        ("a && b || c; d & e", ["a", "b", "c", "d", "e"]),
        ("a 2>/dev/null >out <in", ["a"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while ! a; do { b; }; done", ["a", "b"]),
        ("(a; b) | c", ["a", "b", "c"]),
        ("a\\\n b # c\n\n\r\nd", ["a b", "d"]),
        (#"'a b' "c\"d" e\ f"#, [#"a b c"d e f"#]),
        ("X=1 a; Y=2", ["a", ""]),
        ("f() { a; }; f x", ["a"]),
        ("case x in a|b) c;; *) d; esac; e", ["c", "d", "e"]),
    ])
    func `a script is cut into its commands`(script: String, commands: [String]) {
        let found = ShellCommand.all(in: script)?.map { $0.words.map(\.written).joined(separator: " ") }
        #expect(found == commands)
    }

    @Test(arguments: ["'open", "\"open", "$(open", "`open", "${open", "cat <<END"])
    func `what cannot be read is said to be so`(script: String) {
        #expect(ShellCommand.all(in: script) == nil)
    }
}
