public import FoundationEssentials
internal import SystemPackage

/// Whether certbot will go on renewing a lineage, and whether it has: what its other files say beside a generation.
public struct Upkeep: Sendable {
    /// When certbot renews it; nil where that cannot be told, or somebody else renews it.
    public let renewal: RenewalDate?
    /// What is wrong.
    public let findings: [Finding]

    /// How long a generation must have stood in the archive before it counts: certbot fills the archive first, and asks
    /// nobody while it does.
    static let settled: TimeInterval = 60

    /// Looks at the renewal file and the archive of a generation that certbot keeps; a directory of another client has
    /// neither. Whether the archive holds a newer generation is found out only if that is wanted.
    public init(of generation: KeylessGeneration, on now: Date, lookingForNewer: Bool = true) {
        guard generation.lineage.isCertbots else {
            (renewal, findings) = (nil, [])
            return
        }
        var findings: [Finding] = []
        do throws(FileError) {
            let file = try RenewalFile(of: generation.lineage)
            renewal = RenewalDate(of: generation.leaf, by: file)
            if !file.missing.isEmpty {
                findings.append(.unusable(missing: file.missing, of: generation.lineage))
            } else if let renewal, now > renewal.overdue, now <= generation.leaf.notAfter {
                findings.append(.overdue(renewal, on: now, of: generation.lineage))
            }
        } catch {
            renewal = nil
            findings.append(.noFile(of: generation.lineage, error))
        }
        if lookingForNewer, let newer = generation.newerGeneration(on: now) { findings.append(newer) }
        self.findings = findings
    }
}

extension KeylessGeneration {
    /// That certbot has a newer one, which it has not linked.
    ///
    /// certbot numbers one by one, so a look at the next number tells nearly always that there is none.
    fileprivate func newerGeneration(on now: Date) -> Finding? {
        guard let number, let archive, (try? archive.directory.appending("cert\(number + 1).pem").stat()) != nil,
            let newer = try? archive.numbers().last, newer > number, let found = try? archive.generation(newer),
            let identity = try? readFile(at: archive.directory.appending("fullchain\(newer).pem")).identity,
            now.timeIntervalSince1970 - identity.changed / .seconds(1) > Upkeep.settled
        else { return nil }
        let ends = found.leaf.notAfter.utc
        return Finding(
            .generationStale,
            "\(lineage): live stands at generation \(number), and the archive holds \(newer), which ends at \(ends)",
            remedy:
                "certbot links the newest one when it renews: certbot renew --cert-name \(lineage); then certd deploy \(lineage)",
            location: lineage.directory.string)
    }
}

extension Finding {
    fileprivate static func overdue(_ renewal: RenewalDate, on now: Date, of lineage: Lineage) -> Finding {
        let due = "certbot renews from \(renewal.due.utc) on"
        return Finding(
            .renewalOverdue, "\(lineage): \(due)\(renewal.isEstimate ? " at the latest" : ""), and has not",
            remedy: "see why: certbot renew --cert-name \(lineage) --dry-run; see whether its timer runs: "
                + "systemctl list-timers certbot.timer",
            location: lineage.directory.string)
    }

    fileprivate static func noFile(of lineage: Lineage, _ error: FileError) -> Finding {
        Finding(
            .noRenewalConf, "\(lineage): certbot will not renew it: \(error)",
            remedy: "see what certbot makes of it: certbot certificates --cert-name \(lineage); obtain it anew: "
                + "certbot certonly --cert-name \(lineage) -d NAME",
            location: error.location)
    }

    fileprivate static func unusable(missing: [String], of lineage: Lineage) -> Finding {
        Finding(
            .noRenewalConf,
            "\(lineage): certbot will not renew it: its renewal file lacks \(missing.joined(separator: ", "))",
            remedy: "see what certbot makes of it: certbot renew --cert-name \(lineage) --dry-run",
            location: "\(lineage.directory.removingLastComponent().removingLastComponent())/renewal/\(lineage).conf")
    }
}
