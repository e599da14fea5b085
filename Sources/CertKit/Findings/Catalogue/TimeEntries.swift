extension FindingEntry {
    /// Group `time`.
    static let time: [FindingEntry] = [
        FindingEntry(
            .expired,
            meaning: "The leaf's notAfter is past. At exactly notAfter it was still valid (RFC 5280, 4.1.2.5).",
            risk: "Every client that looks refuses the connection.",
            remedy: "Run certbot renew and read what it says, then certd deploy."),
        FindingEntry(
            .expiring, or: .critical,
            meaning: "Less is left than the thresholds ask for: a quarter of the lifetime for a warning, a tenth for "
                + "critical, or what --warning and --critical say.",
            risk: "Whatever should have renewed it has not, and time runs out.",
            remedy: "Run certbot renew and read what it says, then certd deploy."),
        FindingEntry(
            .renewalOverdue,
            meaning:
                "The moment at which certbot renews this lineage is past, and so is a day (or a twentieth of the lifetime) "
                + "of grace. The moment comes from renewal/NAME.conf: renew_before_expiry, else the rule of the certbot that "
                + "wrote the file. From certbot 4.1 on the CA may ask for an earlier one, so then it is an estimate.",
            risk: "Nothing yet, and expiry if it goes on like this.",
            remedy: "See why with certbot renew --cert-name NAME --dry-run, and whether the timer runs with "
                + "systemctl list-timers certbot.timer."),
        FindingEntry(
            .clockSuspect,
            meaning: "This host's clock stands before the day on which certd was built.",
            risk: "Every date is judged wrongly, here and by HAProxy.",
            remedy: "Look with timedatectl; set the clock with timedatectl set-ntp true."),
        FindingEntry(
            .notYetValid,
            meaning: "The notBefore of the leaf or of an intermediate it needs is ahead of this host's clock.",
            risk: "Clients refuse it until then; or the clock here is wrong, and all dates are.",
            remedy: "Compare the clock with timedatectl; if it is right, wait."),
        FindingEntry(
            .intermediateExpired,
            meaning: "An intermediate that the way to a trust anchor needs has ended.",
            risk: "Clients refuse the connection although the leaf is valid.",
            remedy: "Run certbot renew --force-renewal --cert-name NAME: the answer holds a current intermediate."),
        FindingEntry(
            .outlivesIssuer,
            meaning: "The leaf ends after an intermediate that it needs. The other way round is usual and never told.",
            risk: "The chain will be refused before the leaf expires.",
            remedy: "Run certbot renew --force-renewal --cert-name NAME before the intermediate ends."),
        FindingEntry(
            .validityTooLong,
            meaning:
                "The leaf lives longer than the CA/Browser Forum allowed on its notBefore: 825 days from 2018-03, 398 from "
                + "2020-09, 200 from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15.",
            risk: "Browsers refuse it.",
            remedy:
                "Run certbot renew --force-renewal --cert-name NAME. A CA of your own is exempt when its root is named in "
                + "private-anchors of [check] in certd.toml; certd check tells whether that was it."),
    ]
}
