extension FindingEntry {
    /// Group `chain`.
    static let chain: [FindingEntry] = [
        FindingEntry(
            .chainIncomplete,
            meaning: "Only the leaf is sent, and no trust anchor issued it directly.",
            risk: "Browsers may mend it from memory. Telephones, PBXs and programs do not, and refuse the connection.",
            remedy: "Use fullchain.pem instead of cert.pem, or run certbot renew --force-renewal --cert-name NAME."),
        FindingEntry(
            .chainBroken,
            meaning: "What is sent as issuer did not sign the certificate before it: another key or another name.",
            risk: "No client can verify the leaf.",
            remedy: "Use fullchain.pem as issued, or run certbot renew --force-renewal --cert-name NAME."),
        FindingEntry(
            .chainOrder, or: .warning,
            meaning:
                "The order is not leaf, issuer, issuer's issuer. Critical where the leaf is not first, since a server then "
                + "shows an intermediate as its own certificate.",
            risk: "Strict clients refuse it, and HAProxy refuses a key that does not belong to the first certificate.",
            remedy:
                "Run certd deploy: it puts them in order where only one order is right. certbot renew --force-renewal "
                + "--cert-name NAME mends the lineage itself."),
        FindingEntry(
            .rootInChain,
            meaning: "A certificate that signed itself is sent. Who trusts it has it already.",
            risk: "None but bytes in every handshake.",
            remedy: "Run certd deploy: it leaves the root out."),
        FindingEntry(
            .duplicateInChain,
            meaning: "A certificate is sent twice.",
            risk: "A few strict clients refuse it, the others carry the bytes.",
            remedy: "Run certd deploy: it sends each once."),
        FindingEntry(
            .unrelatedInChain,
            meaning: "A certificate is sent that lies on no way from the leaf upwards.",
            risk: "A few strict clients refuse it, the others carry the bytes.",
            remedy: "Run certd deploy: it leaves it out."),
        FindingEntry(
            .untrusted,
            meaning:
                "A chain is sent, but no anchor of the store in use issued its end: --trust FILE, trust of [check], else "
                + "the system's.",
            risk: "Clients with the same store refuse it. With a CA of your own that is as it should be.",
            remedy:
                "For a CA of your own: certd check --trust FILE, or trust of [check] in certd.toml. Otherwise obtain the "
                + "certificate from a public CA with certbot certonly."),
        FindingEntry(
            .selfSigned,
            meaning: "The leaf signed itself.",
            risk: "Nobody trusts it; it is what HAProxy is first started with.",
            remedy: "Run certbot certonly for the name, then certd deploy."),
        FindingEntry(
            .stagingIssuer,
            meaning: "The issuer's name begins with (STAGING): an ACME server for trying things out.",
            risk: "No client trusts it.",
            remedy: "Run certbot certonly --force-renewal for the name without --staging or --test-cert."),
        FindingEntry(
            .issuerNotCA,
            meaning:
                "A certificate that signed another is no CA, or its key may not sign certificates (RFC 5280, 4.2.1.9).",
            risk: "Clients refuse the chain.",
            remedy: "Obtain the certificate anew with certbot renew --force-renewal --cert-name NAME."),
        FindingEntry(
            .pathlenExceeded,
            meaning: "More intermediates stand below a CA than it allows (RFC 5280, 4.2.1.9).",
            risk: "Clients refuse the chain.",
            remedy: "Obtain the certificate anew with certbot renew --force-renewal --cert-name NAME."),
        FindingEntry(
            .nameConstraint,
            meaning:
                "A CA is limited to certain names, and the leaf or an intermediate has another (RFC 5280, 4.2.1.10).",
            risk: "Clients refuse the chain.",
            remedy: "Obtain the certificate from another CA with certbot certonly."),
    ]
}
