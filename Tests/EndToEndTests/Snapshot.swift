internal import FoundationEssentials
internal import SystemPackage
internal import TestSupport
internal import Testing

/// All that a deployment may change: what is served, the bundle's file, HAProxy's open transaction and worker.
struct Snapshot: Equatable {
    let bundle: SeenLeaf
    let memory: SeenLeaf
    let wire: [SeenLeaf]
    let file: FileAttributes
    let files: [String]
    let transaction: String?
    let worker: String?
}

/// What changes when a file is written or replaced.
struct FileAttributes: Equatable {
    let number: Int?
    let modified: Date?
    let mode: Int?
}

extension Stage {
    /// Looks at everything that a deployment of `lineage` may change.
    func snapshot(of lineage: String) async throws -> Snapshot {
        let stations = try await stations(of: lineage)
        let names = try await ask(haproxy: "show ssl cert").split(separator: "\n")
        return Snapshot(
            bundle: stations.bundle, memory: stations.memory, wire: stations.wire,
            file: try attributes(of: lineage),
            files: try FileManager.default.contentsOfDirectory(atPath: bundles.string).sorted(),
            transaction: names.first { $0.hasPrefix("*") }.map(String.init),
            worker: try await workerPID())
    }

    /// The attributes of a lineage's bundle.
    func attributes(of lineage: String) throws -> FileAttributes {
        let all = try FileManager.default.attributesOfItem(atPath: bundle(of: lineage).string)
        return FileAttributes(
            number: all[.systemFileNumber] as? Int, modified: all[.modificationDate] as? Date,
            mode: all[.posixPermissions] as? Int)
    }

    /// Deploys a lineage, which has to end with all stations equal.
    func deploys(_ lineage: String) async throws {
        let run = try await certd(["deploy", lineage])
        try #require(run.succeeded, "\(run.output)\(run.errors)")
        try #require(try await stations(of: lineage).agree)
    }

    /// Tries to deploy a lineage, which has to fail with a reason and a remedy, and to leave everything as it was.
    @discardableResult
    func refuses(
        _ lineage: String, leaving before: Snapshot, environment: [String: String] = [:]
    ) async throws -> ToolRun {
        let run = try await certd(["deploy", lineage], environment: environment)
        #expect(!run.succeeded)
        #expect(run.errors.contains("certd: error: "))
        #expect(run.errors.contains("certd: hint: "))
        #expect(try await snapshot(of: lineage) == before)
        return run
    }
}
