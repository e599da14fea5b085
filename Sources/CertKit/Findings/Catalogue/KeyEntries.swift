extension FindingEntry {
    /// Group `key`.
    static let key: [FindingEntry] = [
        FindingEntry(
            .keyMismatch,
            meaning: "The private key is not the one that the leaf was issued for.",
            risk: "HAProxy refuses the pair; after a restart nothing is served at all. Not even --force deploys it.",
            remedy:
                "See which file is of another renewal with certbot certificates --cert-name NAME; issue it anew with "
                + "certbot renew --force-renewal --cert-name NAME."),
        FindingEntry(
            .keyEncrypted,
            meaning: "The private key is under a passphrase.",
            risk: "HAProxy cannot ask for it, and does not start.",
            remedy: "Store it without one: openssl pkey -in FILE -out NEWFILE."),
        FindingEntry(
            .keyNotPrivate,
            meaning:
                "Where the private key belongs stands a public key, a signing request or a key in OpenSSH's format.",
            risk: "HAProxy does not start.",
            remedy: "Use the privkey.pem that belongs to the certificate: certbot certificates names it."),
        FindingEntry(
            .keyAmbiguous,
            meaning: "The file holds more than one private key.",
            risk: "Which of them is taken depends on the program that reads it.",
            remedy: "Keep the one whose public half is the leaf's: openssl pkey -in FILE -pubout."),
        FindingEntry(
            .keyMissing,
            meaning: "There is no private key where one is needed.",
            risk: "HAProxy does not start.",
            remedy: "Use the privkey.pem that belongs to the certificate: certbot certificates names it."),
        FindingEntry(
            .keyTypeRefused,
            meaning: "The private key is DSA, SM2, Ed448 or something rarer.",
            risk: "Hardly any client can use it.",
            remedy: "Run certbot renew --force-renewal --key-type ecdsa --cert-name NAME."),
        FindingEntry(
            .weakKey, or: .warning,
            meaning: "An RSA key of the leaf or of an intermediate has under 2048 bits; an exponent of 3 is a warning.",
            risk: "Clients refuse it, and who has money can factor it.",
            remedy: "Run certbot certonly --force-renewal --key-type ecdsa --cert-name NAME."),
        FindingEntry(
            .weakSignature,
            meaning:
                "The leaf or an intermediate is signed over MD5 or SHA-1. How a trust anchor is signed does not matter.",
            risk: "Clients refuse it, and such signatures can be forged.",
            remedy:
                "Run certbot renew --force-renewal --cert-name NAME; a CA that still signs so is no longer one to use."),
        FindingEntry(
            .oddKeyType,
            meaning: "The leaf's key is on a curve or of a type that browsers refuse, such as secp256k1 or Ed25519.",
            risk: "Some clients can connect, browsers cannot.",
            remedy: "Run certbot certonly --force-renewal --key-type ecdsa --cert-name NAME."),
        FindingEntry(
            .noSAN,
            meaning: "The leaf has no subject alternative name. A common name proves nothing (RFC 9525).",
            risk: "Every current client refuses it, whatever name is asked for.",
            remedy: "Run certbot certonly --force-renewal -d NAME."),
        FindingEntry(
            .nameMismatch,
            meaning:
                "A host that must be covered (--host, hosts of a bundle, the name of a probe) is covered by no name of "
                + "the leaf. A wildcard stands for one label, and never for the domain itself.",
            risk: "Clients that ask for this host refuse the connection.",
            remedy: "Run certbot certonly --expand -d NAME -d NAME."),
        FindingEntry(
            .wrongEKU,
            meaning: "The extended key usage is there and does not name serverAuth.",
            risk: "Clients refuse it as a server's certificate.",
            remedy: "Run certbot certonly --force-renewal --cert-name NAME, with a CA that issues for servers."),
        FindingEntry(
            .namesLost,
            meaning: "Names of the certificate that is served are missing in the lineage's.",
            risk: "Clients that use these names are refused once it is deployed.",
            remedy: "Run certbot certonly --expand -d NAME -d NAME; if they are meant to go, certd deploy --force NAME."
        ),
        FindingEntry(
            .clientAuthLost,
            meaning: "The certificate that is served allows clientAuth too, and the lineage's does not.",
            risk: "SIP over TLS that authenticates both ways breaks: the PBX shows this certificate as a client.",
            remedy:
                "Obtain one with clientAuth from another CA (certbot certonly --server URL), or a second one for that."),
        FindingEntry(
            .leafIsCA,
            meaning: "The leaf says of itself that it is a CA (CA:TRUE).",
            risk: "Some clients refuse it, and who steals its key can issue certificates with it.",
            remedy: "Run certbot certonly --force-renewal --cert-name NAME."),
        FindingEntry(
            .mustStaple,
            meaning:
                "The leaf demands a stapled OCSP response, and its issuer names no OCSP responder. Let's Encrypt has none "
                + "since August 2025.",
            risk: "Clients that honour it refuse the connection.",
            remedy: "Take must_staple out of the renewal file, then certbot renew --force-renewal --cert-name NAME."),
    ]
}
