extension FindingEntry {
    /// Groups `bundle`, `memory`, `wire` and `program`.
    static let stations: [FindingEntry] = [
        FindingEntry(
            .bundleMissing,
            meaning: "No bundle stands where the configuration wants one.",
            risk: "HAProxy does not start where its configuration names the file.",
            remedy: "Run certd deploy NAME."),
        FindingEntry(
            .bundleStale,
            meaning: "The bundle holds another leaf than the lineage.",
            risk: "HAProxy's next start or reload loads the old certificate.",
            remedy: "Run certd deploy NAME."),
        FindingEntry(
            .bundleTorn,
            meaning: "The bundle lacks its key or part of its chain.",
            risk: "HAProxy's next start fails, or clients cannot verify what it serves.",
            remedy: "Run certd deploy NAME."),
        FindingEntry(
            .bundleWasSymlink,
            meaning: "A symbolic link stood at the bundle's path. certd replaced it and did not write through it.",
            risk: "Whoever reads the file that the link led to sees no new certificate.",
            remedy: "See who else uses it: ls -l PATH; name the real file in certd.toml."),
        FindingEntry(
            .shadowed,
            meaning:
                "An expired certificate for one exact name lies in the same directory as a valid wildcard that covers the "
                + "name. HAProxy prefers the exact name.",
            risk: "Clients of that name get the expired certificate.",
            remedy: "Move it out of the directory with mv, then systemctl reload haproxy; or renew it: certbot renew."),
        FindingEntry(
            .directoryUnsafe,
            meaning:
                "A file in a directory that HAProxy loads whole is no certificate with its key. HAProxy loads every file "
                + "there whose name does not begin with a dot.",
            risk:
                "HAProxy's next start or reload fails because of it, and an old certificate stays, or nothing is served.",
            remedy:
                "See what HAProxy says with haproxy -c -f /etc/haproxy/haproxy.cfg; move the file elsewhere with mv."),
        FindingEntry(
            .deployFailed,
            meaning:
                "The last deployment of the lineage failed, and none has succeeded since. certbot takes a failed hook for a "
                + "mere warning, so it is remembered here.",
            risk: "The renewed certificate is not served.",
            remedy: "Do what the message says, then certd deploy NAME."),
        FindingEntry(
            .downgradeRefused,
            meaning: "The lineage holds an older certificate than the one that is served.",
            risk: "A deployment would go backwards, so it is refused.",
            remedy: "Run certbot renew --cert-name NAME, which links the newest; to go back on purpose, "
                + "certd deploy --force NAME."),
        FindingEntry(
            .pinned,
            meaning:
                "A rollback holds the lineage at an older generation of certbot's archive. Whatever certbot renews is not "
                + "deployed until told otherwise; the stations are compared with the pinned generation.",
            risk: "The pinned certificate expires while newer ones lie ready.",
            remedy: "When what led to the rollback is mended, follow certbot again: certd rollback --unpin NAME."),
        FindingEntry(
            .lineageRemoved,
            meaning:
                "A lineage that certd deployed has been deleted, and its bundle is still on disk or in HAProxy's memory. It is "
                + "kept until somebody says that nobody needs it.",
            risk: "It is served until it expires, and after that; nobody renews it, and its key lies about.",
            remedy: "Run certd forget NAME; or obtain it again: certbot certonly --cert-name NAME."),
        FindingEntry(
            .memoryStale,
            meaning: "HAProxy has loaded another certificate than the bundle holds.",
            risk: "Clients get the old certificate until it expires.",
            remedy: "Run certd deploy NAME."),
        FindingEntry(
            .memoryMissing,
            meaning: "HAProxy does not know the bundle's name.",
            risk: "The certificate serves nobody.",
            remedy: "Name it on a bind line of haproxy.cfg, then systemctl reload haproxy; in a directory or crt-list "
                + "certd deploy NAME is enough."),
        FindingEntry(
            .memoryUnused,
            meaning: "HAProxy has loaded the certificate, and no bind uses it.",
            risk: "It serves nobody, although a commit said success.",
            remedy: "Name it on a bind line of haproxy.cfg, then systemctl reload haproxy; in a directory or crt-list "
                + "certd deploy NAME is enough."),
        FindingEntry(
            .companionRefused,
            meaning:
                "HAProxy did not take an OCSP response or an issuer that lies beside the bundle; the certificate itself "
                + "is served.",
            risk: "Clients get no stapled response.",
            remedy: "Look at the file that the message names: openssl ocsp -respin FILE -text -noverify."),
        FindingEntry(
            .oldWorkers,
            meaning:
                "Reloads have left as many old workers behind as HAProxy allows, or ten where it has no limit. Each "
                + "lives until its last session ends.",
            risk: "They serve old certificates to nobody new, and hold memory; beyond the limit sessions are cut.",
            remedy: "See them: echo 'show proc' | socat stdio MASTER-SOCKET; set hard-stop-after in haproxy.cfg, then "
                + "systemctl reload haproxy."),
        FindingEntry(
            .haproxyUnreachable,
            meaning: "The admin socket is absent, refuses, does not let this user in or says nothing in time.",
            risk: "Nothing can be said of HAProxy's memory, and nothing be deployed without a restart.",
            remedy: "See whether it runs with systemctl status haproxy, and who may use the socket with ls -l PATH."),
        FindingEntry(
            .transactionOpen,
            meaning:
                "Somebody else's certificate transaction is open, and nothing tells since when. A HAProxy process has one "
                + "in all.",
            risk: "No certificate can be deployed until it is closed.",
            remedy: "Look again; if it stays: echo 'abort ssl cert NAME' | socat stdio SOCKET."),
        FindingEntry(
            .wireStale,
            meaning:
                "A handshake shows another leaf than HAProxy's memory holds: a second HAProxy, an old worker or another "
                + "machine answers.",
            risk: "Some clients get an old certificate.",
            remedy: "See who listens with ss -tlnp; then certd deploy NAME."),
        FindingEntry(
            .wireUnreachable,
            meaning: "No handshake succeeds at an address that serves the bundle.",
            risk: "Clients cannot connect either, or a firewall keeps certd from looking.",
            remedy: "Try it: openssl s_client -connect ADDRESS -servername HOST."),
        FindingEntry(
            .configurationInvalid,
            meaning:
                "certd cannot do what it is asked: a configuration or command line that it does not understand, a lineage "
                + "that two bundles may belong to, no lineage at all.",
            risk: "Nothing is looked at, so nothing is known.",
            remedy: "Mend what the message names, then certd check."),
    ]
}
