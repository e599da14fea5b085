import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The definitions in `monitoring/`, by the programs that read them where they are installed.
@Suite struct MonitoringTests {
    private let directory = packageDirectory.appending("monitoring")

    @Test(arguments: ["icinga2/certd.conf", "nagios/certd.cfg", "zabbix/userparameter_certd.conf"])
    func `every option in a definition is one that check has`(file: String) async throws {
        let help = try await BuiltProgram().run(["help", "check"]).output
        let lines = try text(of: directory.appending(file)).split(separator: "\n").filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("//")
        }
        let options = lines.joined(separator: "\n").matches(of: #/(?:^|[ "])(--?[a-z][a-z-]*)/#).map(\.1)
        #expect(!options.isEmpty)
        for option in options { #expect(help.contains("\(option)"), "\(option)") }
    }

    @Test(.enabled(if: hasTool("icinga2")))
    func `Icinga 2 takes the check command`() async throws {
        let scratch = try ScratchDirectory()
        let configuration = try scratch.write(
            """
            const PluginDir = "/usr/lib/nagios/plugins"
            include <itl>
            include "\(directory)/icinga2/certd.conf"
            object Host "h" { check_command = "certd" }
            object Service "certificates" {
              host_name = "h"
              import "certd-service"
              vars.certd_operands = [ "pbx.example.org" ]
              vars.certd_hosts = [ "pbx.example.org", "sip.example.org" ]
            }
            """, to: "icinga2.conf")
        let places = ["DataDir", "LogDir", "CacheDir", "InitRunDir"].flatMap { ["-D", "\($0)=\(scratch.path)"] }
        // As root it would go on as its own user, who may not write here.
        let user = geteuid() == 0 ? ["-D", "RunAsUser=root", "-D", "RunAsGroup=root"] : []
        let run = try await runTool("icinga2", ["daemon", "-C", "-c", configuration.string] + places + user)
        #expect(run.succeeded, "\(run.output)")
    }

    @Test(.enabled(if: hasTool("icinga2")))
    func `Icinga 2 reads each number of the performance data`() async throws {
        let program = try await BuiltProgram(lineages: [
            ("a.example.org", ["--not-before=2026-01-01T00:00:00Z", "--not-after=9999-12-31T23:59:59Z"]),
            ("b.example.org", ["--case", "expired"]), ("c.example.org", ["--case", "key-missing"]),
        ])
        let output = try await program.run(["check", "-o", "nagios"]).output
        let data = try #require(output.split(separator: "\n")[0].split(separator: " | ").last).split(separator: " ")
        #expect(data.count == 5)
        for datum in data where !datum.hasSuffix("=U") {
            let fields = datum.split(separator: "=")[1].split(separator: ";", omittingEmptySubsequences: false)
            let numbers = fields.map { $0.filter { $0 != "s" } }
            let reading = "var p = parse_performance_data(\"\(datum)\"); [p.value, p.warn, p.crit, p.min, p.max]"
            let read = try await requireTool("icinga2", ["console", "--eval", reading])
            let absent = Array(repeating: "null", count: 5 - numbers.count)
            #expect(
                read.split(separator: "\n").last ?? "" == "[\((numbers + absent).joined(separator: ","))]", "\(datum)")
        }
    }

    @Test(.enabled(if: hasTool("nagios4")))
    func `Nagios takes the command and the service`() async throws {
        let scratch = try ScratchDirectory()
        // What a service and a host need, as Debian's package has it.
        try scratch.write(
            """
            define timeperiod {
                timeperiod_name always
                alias always
                monday 00:00-24:00
            }
            define contact {
                contact_name admin
                host_notification_commands check_certd
                service_notification_commands check_certd
                host_notification_period always
                service_notification_period always
            }
            define service {
                name generic-service
                register 0
                check_period always
                notification_period always
                contacts admin
            }
            define host {
                host_name h
                address 127.0.0.1
                max_check_attempts 3
                check_period always
                notification_period always
                contacts admin
            }
            define service {
                use certd-service
                host_name h
                check_command check_certd!-w 25% -c 10%
            }
            """, to: "objects.cfg")
        let configuration = try scratch.write(
            """
            log_file=\(scratch.file("nagios.log"))
            cfg_file=\(directory)/nagios/certd.cfg
            cfg_file=\(scratch.file("objects.cfg"))
            check_result_path=\(scratch.path)
            nagios_user=root
            nagios_group=root
            """, to: "nagios.cfg")
        let run = try await runTool("nagios4", ["-v", configuration.string])
        #expect(run.succeeded && run.output.contains("Total Errors:   0"), "\(run.output)")
    }

    @Test func `what the template for Zabbix takes from the document is there`() async throws {
        let program = try await BuiltProgram(lineages: [("a.example.org", ["--case", "expired"])])
        let document = try program.scratch.write(
            try await program.run(["check", "--json"]).output, to: "document.json")
        // Zabbix's own language of paths: a filter by name, and functions at the end.
        let reading = """
            import json, re, sys
            document = json.load(open(sys.argv[1]))
            paths = re.findall(r"^ *(?:- |path: )'?([$][.].*?)'?$", open(sys.argv[2]).read(), re.M)
            for path in paths:
                at = document["lineages"][0] if path == "$.name" else document
                filtered = path.replace('[?(@.name == "{#LINEAGE}")]', "[0]").removesuffix(".first()")
                for key, place in re.findall(r"[.](\\w+)|\\[(\\d+)\\]", filtered[1:]):
                    at = at[key] if key else at[int(place)]
                print(path, json.dumps(at)[:60])
            """
        let read = try await requireTool(
            "python3", ["-c", reading, document.string, directory.appending("zabbix/template_certd.yaml").string])
        #expect(read.split(separator: "\n").count == 6 && read.contains(#"$.name "a.example.org""#), "\(read)")
    }
}
