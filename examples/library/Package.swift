// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "lineages",
    dependencies: [.package(name: "certd", path: "../..")],
    targets: [
        .executableTarget(name: "lineages", dependencies: [.product(name: "CertKit", package: "certd")])
    ]
)
