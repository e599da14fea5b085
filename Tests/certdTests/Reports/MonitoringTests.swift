import FoundationEssentials
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
        let run = try await runTool("icinga2", ["daemon", "-C", "-c", configuration.string] + places)
        #expect(run.succeeded, "\(run.output)")
    }
}
