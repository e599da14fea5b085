import SystemPackage
import TestSupport
import Testing

/// The documents that programs read, against `docs/status.schema.json`; Debian's python3-jsonschema is the judge.
@Suite struct SchemaTests {
    private static let validate = """
        import json, jsonschema, sys
        with open(sys.argv[1]) as file: schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(json.load(sys.stdin))
        """

    private func judge(_ document: String) async throws -> ToolRun {
        let schema = packageDirectory.appending("docs/status.schema.json").string
        return try await runTool("python3", ["-c", SchemaTests.validate, schema], input: document)
    }

    @Test func `what is printed of every made lineage is valid`() async throws {
        let program = try await BuiltProgram()
        try await MadeCertificates.tree(below: program.letsencrypt, also: ["healthy.example.org"])
        _ = try await program.run(["deploy"])
        let live = program.letsencrypt.appending("live/healthy.example.org")
        for arguments in [
            ["check", "--json"], ["status", "--json"], ["inspect", "healthy.example.org", "--json"],
            ["check", "-o", "json", live.appending("fullchain.pem").string, "/none.pem", "127.0.0.1:1"],
        ] {
            let run = try await program.run(arguments)
            let verdict = try await judge(run.output)
            #expect(verdict.succeeded, "\(arguments): \(verdict.errors.suffix(500))")
        }
    }

    @Test func `what a reader would not know is refused`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", [])])
        let document = try await program.run(["check", "--json"]).output
        #expect(try await judge(document).succeeded)
        for (word, other) in [
            (#""schema_version" : 1"#, #""schema_version" : 2"#), (#""source" : "files""#, #""source" : "hearsay""#),
            (#""names""#, #""nmaes""#), (#""severity" : "unknown""#, #""severity" : "bad""#),
        ] {
            let changed = document.replacing(word, with: other)
            #expect(changed != document)
            #expect(!(try await judge(changed).succeeded), "\(other)")
        }
    }
}
