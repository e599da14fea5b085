import CertKit
import HAProxyKit
import SystemPackage

extension Observation {
    /// What the stations say is wrong, each compared with the one before it: bundle with lineage, memory with bundle,
    /// wire with memory.
    ///
    /// `wanted` is what the lineage's own bundle would be, nil where the lineage cannot be read.
    func findings(for lineage: String, bundle wanted: Bundle?) -> [Finding] {
        var found: [Finding] = []
        if let wanted { found += bundle.findings(for: lineage, wanted: wanted) }
        for station in memory { found += station.findings(for: lineage, bundle: bundle.installed) }
        for station in wire { found += station.findings(for: lineage, memory: memory) }
        return found
    }
}

extension Observation.BundleStation {
    fileprivate func findings(for lineage: String, wanted: Bundle) -> [Finding] {
        let remedy = "certd deploy \(lineage)"
        let place = path.string
        switch content {
        case .failure(let error as FileError) where error.isMissing:
            return [Finding(.bundleMissing, "no bundle stands here yet", remedy: remedy, location: place)]
        case .failure(let error as PEMError):
            // Unlike a file of the lineage, it can be made anew.
            return [
                Finding(error.findingID, error.description, remedy: remedy, location: error.location, line: error.line)
            ]
        case .failure(let error as any Diagnosis): return [error.finding]
        case .failure(let error): return [Finding(.bundleTorn, "\(error)", remedy: remedy, location: place)]
        case .success(let installed):
            guard installed.leaf == wanted.leaf else {
                let other = installed.leaf.map { "another leaf (\($0.fingerprint.short))" } ?? "no leaf"
                return [Finding(.bundleStale, "holds \(other), not the lineage's", remedy: remedy, location: place)]
            }
            if !installed.hasKey {
                return [Finding(.bundleTorn, "holds no private key", remedy: remedy, location: place)]
            }
            guard installed.chain.starts(with: wanted.chain) else {
                return [Finding(.bundleTorn, "lacks part of the chain", remedy: remedy, location: place)]
            }
            return []
        }
    }
}

extension Observation.MemoryStation {
    fileprivate func findings(for lineage: String, bundle: InstalledBundle?) -> [Finding] {
        let place = "\(name) on \(socket)"
        switch loaded {
        case .failure(let error): return [error.finding]
        case .success(nil):
            return [
                Finding(
                    .memoryMissing, "HAProxy has not loaded the bundle",
                    // Only in a directory or crt-list that HAProxy loads can a deployment add a name.
                    remedy: list != nil
                        ? "certd deploy \(lineage)"
                        : "certd build \(lineage); add crt \(name) to a bind line of haproxy.cfg; systemctl reload haproxy",
                    location: place)
            ]
        case .success(let certificate?):
            if certificate.status != .used {
                return [
                    Finding(
                        .memoryUnused, "loaded, but no bind uses it: it serves nobody",
                        remedy: list != nil
                            ? "certd deploy \(lineage)"
                            : "add crt \(name) to a bind line of haproxy.cfg, then systemctl reload haproxy",
                        location: place)
                ]
            }
            guard let bundle, let leaf = bundle.leaf, !certificate.holds(leaf, chain: bundle.chain) else { return [] }
            return [
                Finding(
                    .memoryStale,
                    "HAProxy has loaded another certificate than the bundle (serial \(certificate.leaf?.serial ?? "none"))",
                    remedy: "certd deploy \(lineage)", location: place)
            ]
        }
    }
}

extension Observation.WireStation {
    /// What is wrong with what is served here, compared with HAProxy's memory.
    func findings(for lineage: String, memory: [Observation.MemoryStation]) -> [Finding] {
        // Where an address proves nothing for this lineage, what it shows is no fault of the lineage.
        guard notProvable == nil else { return [] }
        switch served {
        case .failure(let error): return [error.finding]
        case .success(let chain):
            // What no bind line uses is on no wire: that is said of memory.
            guard !showsMemory, memory.contains(where: { $0.certificate?.status == .used }) else { return [] }
            return [
                Finding(
                    .wireStale,
                    "serves \(chain.leafFingerprint.short), which HAProxy's memory does not hold: a second HAProxy, an old worker or another machine",
                    remedy: "look with ss -tlnp for what listens on \(address); then certd deploy \(lineage)",
                    location: address.description)
            ]
        }
    }
}
