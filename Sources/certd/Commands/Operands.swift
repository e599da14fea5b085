import CertKit
import SystemPackage

extension Certd {
    /// What the operands of every command are.
    static let lineageHelp = "The name of a lineage, or its absolute directory; all lineages where none is named."
}

extension Inventory {
    /// What a command says that has no lineage to work on.
    var nothingToDo: String { "no lineage below \(settings.letsencrypt.appending("live")): nothing to do" }

    /// The same as a verdict: what is not there cannot be found good.
    var noLineage: Finding {
        Finding(
            .configurationInvalid, "no lineage is here, and the configuration names none",
            remedy: "obtain a certificate: certbot certonly; or name certbot's directory in certd.toml: "
                + "[letsencrypt] directory",
            location: settings.letsencrypt.appending("live").string)
    }
}
