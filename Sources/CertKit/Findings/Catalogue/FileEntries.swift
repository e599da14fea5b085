extension FindingEntry {
    /// Group `files`.
    static let files: [FindingEntry] = [
        FindingEntry(
            .fileMissing,
            meaning: "A file of the lineage is not there, or its link leads nowhere.",
            risk: "Nothing can be said of the lineage, and nothing new be deployed.",
            remedy:
                "See where the path ends with namei -l PATH, and which lineages there are with certbot certificates."),
        FindingEntry(
            .fileUnreadable,
            meaning: "The system does not let this user read a file.",
            risk: "Nothing can be said of the lineage.",
            remedy: "Run it as root: sudo certd check."),
        FindingEntry(
            .pemUnreadable,
            meaning:
                "A block does not parse from its BEGIN to its END, or the file is empty. No broken block is ever skipped: "
                + "the next one would be taken for the leaf.",
            risk: "HAProxy refuses the file or, worse, serves part of it.",
            remedy: "Compare it with the file as issued: openssl storeutl -noout -text FILE."),
        FindingEntry(
            .notPEM,
            meaning: "The file holds DER or other bytes.",
            risk: "HAProxy refuses it.",
            remedy: "Convert it: openssl x509 -inform DER -in FILE, openssl pkey -inform DER -in FILE."),
        FindingEntry(
            .fileTooLarge,
            meaning: "The file is larger than 1 MiB.",
            risk: "It is not the file of one certificate.",
            remedy: "See what it holds: head FILE."),
        FindingEntry(
            .tooManyCertificates,
            meaning: "The file holds more than 100 certificates.",
            risk: "It is a trust store, not a chain.",
            remedy: "See what it holds: openssl storeutl -noout -certs FILE."),
        FindingEntry(
            .notAFile,
            meaning: "A named pipe, device, socket or directory stands where a file belongs. It is never waited for.",
            risk: "Programs that open it may hang.",
            remedy: "See what stands there: ls -ld PATH."),
        FindingEntry(
            .filesDisagree, or: .warning,
            meaning:
                "cert.pem and chain.pem together are not fullchain.pem: critical where the leaves differ, a warning where "
                + "the chains do.",
            risk: "Programs that read different files serve different certificates.",
            remedy: "See with certbot certificates --cert-name NAME; issue it anew with certbot renew --force-renewal "
                + "--cert-name NAME."),
        FindingEntry(
            .generationMixed,
            meaning: "The four links lead to different generations, for longer than certbot needs to change them.",
            risk: "Key and certificate do not belong together.",
            remedy: "certbot puts the links right when it starts: certbot certificates --cert-name NAME."),
        FindingEntry(
            .generationStale,
            meaning: "The archive holds a newer complete generation than live leads to.",
            risk: "The newer certificate is never served.",
            remedy: "Run certbot renew --cert-name NAME, which links the newest one; then certd deploy."),
        FindingEntry(
            .updateStuck,
            meaning: "certbot has left previous_*.pem behind: it died in the middle of an update.",
            risk: "Its next start may go back to the generation before.",
            remedy: "Let it finish: certbot certificates --cert-name NAME."),
        FindingEntry(
            .liveNotSymlink,
            meaning: "The files in live are no links into certbot's archive.",
            risk: "certbot will not renew the lineage.",
            remedy: "See what certbot makes of it: certbot certificates --cert-name NAME."),
        FindingEntry(
            .noRenewalConf,
            meaning: "renewal/NAME.conf is missing, or lacks what certbot cannot do without.",
            risk: "certbot will not renew the lineage, and says so to nobody.",
            remedy:
                "See with certbot renew --cert-name NAME --dry-run; obtain it anew with certbot certonly --cert-name NAME."
        ),
        FindingEntry(
            .keyPermissions, or: .warning,
            meaning:
                "The mode of a private key or bundle lets others read it than its owner and the configured group: critical "
                + "where they can reach it, a warning where only a closed directory keeps them out.",
            risk: "Who reads the key can pretend to be this server.",
            remedy: "Run chmod 0600 FILE. If others have had access: certbot renew --force-renewal --cert-name NAME."),
    ]
}
