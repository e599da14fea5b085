/// How much of a lineage it takes to answer a question; when certbot renews it stands in a file elsewhere, beside any of these.
public enum LineageParts: Sendable {
    /// fullchain.pem: dates, names and the chain.
    case fullchain
    /// fullchain.pem and privkey.pem: what a server is given.
    case pair
    /// All four files, and what stands around them.
    case all
}
