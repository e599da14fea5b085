import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport

/// Ways to break a healthy lineage of certbot's on disk, or to make it unusual; the name says what was done.
enum BrokenLineages {
    typealias Act = @Sendable (LineageFiles) async throws -> Void

    /// What is done to the lineage of each name.
    static let all: [(name: String, act: Act)] = names + contents + keys + certbot + several

    /// The names in live and what they lead to.
    private static let names: [(String, Act)] = [
        ("link-missing", { try $0.remove("live", "chain.pem") }),
        ("link-dangling", { try $0.remove("archive", "fullchain1.pem") }),
        ("all-dangling", { files in for kind in LineageFiles.kinds { try files.remove("archive", "\(kind)1.pem") } }),
        (
            "links-mixed",
            {
                try await $0.renew(); try $0.link("cert", to: 1); try $0.link("privkey", to: 1)
            }
        ),
        ("links-elsewhere", { try $0.link("chain", text: "../../archive/healthy/chain1.pem") }),
        ("previous-left", { try $0.link("previous_cert", text: "../../archive/x/cert1.pem") }),
        ("plain-files", { try $0.makePlain() }),
        ("live-empty", { files in for kind in LineageFiles.kinds { try files.remove("live", "\(kind).pem") } }),
        ("key-is-directory", { try $0.replace("privkey", by: { unsafe mkdir($0, 0o700) }) }),
        ("key-is-fifo", { try $0.replace("privkey", by: { unsafe mkfifo($0, 0o600) }) }),
        ("cert-is-device", { try $0.link("cert", text: "/dev/zero") }),
        ("link-loop", { try $0.link("chain", text: "chain.pem") }),
    ]

    /// The bytes of the files.
    private static let contents: [(String, Act)] = [
        ("crlf", { try $0.edit("fullchain") { $0.replacing("\n", with: "\r\n") } }),
        ("bare-cr", { try $0.edit("fullchain") { $0.replacing("\n", with: "\r") } }),
        ("byte-order-mark", { try $0.edit("fullchain") { "\u{FEFF}" + $0 } }),
        ("text-around", { try $0.edit("fullchain") { "Subject: pbx\n\n" + $0 + "\nthat was all\n" } }),
        ("no-final-newline", { try $0.edit("fullchain") { String($0.dropLast()) } }),
        ("glued", { try $0.edit("fullchain") { $0.replacing("-----\n-----", with: "----------") } }),
        ("cut", { try $0.edit("fullchain") { String($0.dropLast(300)) } }),
        ("cut-leaf", { try $0.edit("fullchain") { $0.replacingFirst("-----END CERTIFICATE-----\n", with: "") } }),
        ("bad-base64", { try $0.edit("fullchain") { $0.replacingFirst("MII", with: "M!I") } }),
        ("indented", { try $0.edit("fullchain") { $0.replacing("\n", with: "\n ") } }),
        ("empty-fullchain", { try $0.edit("fullchain") { _ in "" } }),
        ("empty-cert", { try $0.edit("cert") { _ in "" } }),
        ("empty-chain", { try $0.edit("chain") { _ in "" } }),
        ("text-fullchain", { try $0.edit("fullchain") { _ in "Not Found\n" } }),
        (
            "der",
            { files in
                try await requireTool(
                    "openssl",
                    ["x509", "-in", files.archived("cert"), "-outform", "DER", "-out", files.archived("fullchain")])
            }
        ),
        ("large", { try $0.edit("fullchain") { $0 + String(repeating: "x\n", count: 600_000) } }),
        ("crowded", { try $0.edit("fullchain") { String(repeating: $0, count: 60) } }),
        ("other-leaf", { try $0.copy("cert", from: "healthy-p384") }),
        ("other-chain", { try $0.copy("chain", from: "healthy-deep") }),
        ("key-in-fullchain", { try $0.append("privkey", to: "fullchain") }),
        (
            "request-in-fullchain",
            {
                try $0.edit("fullchain") {
                    $0 + "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
                }
            }
        ),
    ]

    /// The key and who can read it.
    private static let keys: [(String, Act)] = [
        ("key-world", { try $0.setMode(0o644) }),
        ("key-group-root", { try $0.setMode(0o640) }),
        (
            "key-parameters",
            { files in
                try await requireTool(
                    "openssl", ["ecparam", "-name", "prime256v1", "-out", files.archived("privkey") + ".tmp"])
                let parameters = try text(of: FilePath(files.archived("privkey") + ".tmp"))
                try files.edit("privkey") { parameters + $0 }
            }
        ),
        ("key-twice", { try $0.edit("privkey") { $0 + $0 } }),
        ("key-is-certificate", { try $0.copy("privkey", from: "healthy", kind: "cert") }),
    ]

    /// What certbot keeps beside the files.
    private static let certbot: [(String, Act)] = [
        ("no-conf", { try $0.removeConf() }),
        ("empty-conf", { try $0.editConf { _ in "" } }),
        ("conf-without-authenticator", { try $0.editConf { $0.replacing("authenticator", with: "#") } }),
        ("not-renewed", { try $0.editConf { $0 + "autorenew = False\n" } }),
        ("due-early", { try $0.editConf { "renew_before_expiry = 80 days\n" + $0 } }),
        ("due-late", { try $0.editConf { "renew_before_expiry = 10 days\n" + $0 } }),
        ("due-in-strange-words", { try $0.editConf { "renew_before_expiry = soon\n" + $0 } }),
        ("renewed", { try await $0.renew() }),
        ("renewed-unlinked", { try await $0.renew(["--archive-only"]) }),
        ("reused-key", { try await $0.renew(["--reuse-key"]) }),
    ]

    /// Several faults at once: none hides another.
    private static let several: [(String, Act)] = [
        (
            "no-conf-key-world",
            {
                try $0.removeConf(); try $0.setMode(0o644)
            }
        ),
        (
            "previous-left-no-conf",
            {
                try $0.link("previous_cert", text: "x"); try $0.removeConf()
            }
        ),
        (
            "other-chain-key-world",
            {
                try $0.copy("chain", from: "healthy-deep"); try $0.setMode(0o644)
            }
        ),
        (
            "plain-files-no-conf",
            {
                try $0.makePlain(); try $0.removeConf()
            }
        ),
        (
            "due-early-unlinked",
            {
                try $0.editConf { "renew_before_expiry = 80 days\n" + $0 }
                try await $0.renew(["--archive-only"])
            }
        ),
    ]
}

/// The files of one lineage, to be broken.
struct LineageFiles: Sendable {
    static let kinds = ["cert", "privkey", "chain", "fullchain"]
    let letsencrypt: FilePath
    let name: String

    func path(_ place: String, _ file: String) -> String { "\(letsencrypt)/\(place)/\(name)/\(file)" }
    func archived(_ kind: String) -> String { path("archive", "\(kind)1.pem") }
    private var conf: String { "\(letsencrypt)/renewal/\(name).conf" }

    func remove(_ place: String, _ file: String) throws {
        try FileManager.default.removeItem(atPath: path(place, file))
    }

    func link(_ kind: String, to number: Int) throws {
        try link(kind, text: "../../archive/\(name)/\(kind)\(number).pem")
    }

    func link(_ kind: String, text: String) throws {
        let path = path("live", "\(kind).pem")
        _ = unsafe unlink(path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: text)
    }

    func makePlain() throws {
        for kind in Self.kinds {
            try remove("live", "\(kind).pem")
            try FileManager.default.copyItem(atPath: archived(kind), toPath: path("live", "\(kind).pem"))
        }
    }

    func replace(_ kind: String, by make: (String) -> Int32) throws {
        try remove("archive", "\(kind)1.pem")
        try ScratchFailure.check(make(archived(kind)))
    }

    func edit(_ kind: String, _ change: (String) -> String) throws {
        try write(change(try text(of: FilePath(archived(kind)))), to: archived(kind))
    }

    func append(_ kind: String, to other: String) throws {
        let more = try text(of: FilePath(archived(kind)))
        try edit(other) { $0 + more }
    }

    func copy(_ kind: String, from other: String, kind otherKind: String? = nil) throws {
        let source = "\(letsencrypt)/archive/\(other)/\(otherKind ?? kind)1.pem"
        let content = try text(of: FilePath(source))
        try edit(kind) { _ in content }
    }

    func setMode(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: archived("privkey"))
    }

    func removeConf() throws { try FileManager.default.removeItem(atPath: conf) }
    func editConf(_ change: (String) -> String) throws { try write(change(try text(of: FilePath(conf))), to: conf) }

    func renew(_ options: [String] = []) async throws {
        try await MadeCertificates.lineage(
            name, below: letsencrypt,
            ["--case", "healthy", "--generation", "2", "--certbot-version", "5.6.0"] + options,
            now: nil)
    }

    /// In place, so that the mode stays.
    private func write(_ text: String, to path: String) throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .truncate)
        defer { try? file.close() }
        try file.writeAll(text.utf8)
    }
}

private struct ScratchFailure: Error {
    static func check(_ status: Int32) throws { if status != 0 { throw ScratchFailure() } }
}

extension String {
    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        replacing(text, with: other, maxReplacements: 1)
    }
}
