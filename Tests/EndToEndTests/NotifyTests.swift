internal import SystemPackage
internal import TestSupport
internal import Testing

/// Somebody is told who has not asked.
@Suite(.timeLimit(.minutes(2))) struct NotifyTests {
    private let name = "pbx.example.org"

    @Test func `what is out of step is told once, and that it is in step again`() async throws {
        let stage = try await Stage(lineages: [name])
        try await stage.make(name)
        let heard = stage.scratch.file("heard")
        let command = "\n[notify]\ncommand = [\"dd\", \"of=\(heard)\", \"status=none\"]\n"
        try stage.scratch.write(try stage.scratch.read("certd.toml") + command, to: "certd.toml")
        func told() async throws -> String {
            try stage.scratch.write("", to: "heard")
            let run = try await stage.certd(["notify"])
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            return try stage.scratch.read("heard")
        }

        let first = try await told()
        #expect(first.contains(#""change":"new","id":"bundle-stale""#), "\(first)")
        #expect(first.contains(#""state":"critical""#), "\(first)")
        #expect(try await told() == "")

        try #require(await stage.certd(["deploy"]).status == 0)
        let second = try await told()
        #expect(second.contains(#""change":"cleared","id":"bundle-stale""#), "\(second)")
        #expect(second.contains(#""state":"ok""#), "\(second)")
        #expect(try await stage.certd(["notify", "--dry-run"]).output == "")
    }

    @Test func `nobody is told where nobody is named`() async throws {
        let stage = try await Stage(lineages: [name])
        let run = try await stage.certd(["notify"])
        #expect(run.status == 0 && run.output == "nobody is told: certd.toml names no command in [notify]\n")
    }
}
