internal import FoundationEssentials

extension Chain {
    /// That the leaf was made to live longer than the CA/Browser Forum allowed on its notBefore; browsers refuse it.
    ///
    /// Only for a path that ends in an anchor, and not in one of `privateAnchors`: what a CA of one's own does is nobody
    /// else's business. `location` is the file or address that the chain was read from.
    public func validityFindings(privateAnchors: Set<Certificate> = [], location: String) -> [Finding] {
        guard let limit = ValidityLimit.days(from: leaf.notBefore), leaf.lifetime > Double(limit) * 86_400,
            let anchor, !privateAnchors.contains(anchor)
        else { return [] }
        let days = Int((leaf.lifetime / 86_400).rounded(.up))
        return [
            Finding(
                .validityTooLong,
                "valid for \(days) days, and browsers refuse more than \(limit) from a public CA (Baseline Requirements, 6.3.2)",
                remedy:
                    "obtain a shorter one: certbot renew --force-renewal --cert-name LINEAGE; if the CA is your own, "
                    + "name its root in private-anchors of [check] in certd.toml",
                location: location)
        ]
    }
}

/// The longest validity that the CA/Browser Forum's Baseline Requirements allow (section 6.3.2).
enum ValidityLimit {
    /// From this moment on, in seconds since 1970, so many days; newest first.
    private static let limits: [(from: Double, days: Int)] = [
        (1_868_227_200, 47),  // 2029-03-15
        (1_805_068_800, 100),  // 2027-03-15
        (1_773_532_800, 200),  // 2026-03-15
        (1_598_918_400, 398),  // 2020-09-01
        (1_519_862_400, 825),  // 2018-03-01
        (1_427_846_400, 1187),  // 2015-04-01: 39 months, which are up to 1187 days
        (1_341_100_800, 1827),  // 2012-07-01: 60 months, which are up to 1827 days
    ]

    /// The limit for a certificate that begins at `notBefore`; nil before there was one.
    static func days(from notBefore: Date) -> Int? {
        limits.first { notBefore.timeIntervalSince1970 >= $0.from }?.days
    }
}
