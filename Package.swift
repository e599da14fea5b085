// swift-tools-version: 6.2
import PackageDescription

// The whole product holds private keys, so every safety check the compiler offers stays on, everywhere.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Who calls decides where an async function runs: a command then starts no thread that it does not need.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "certd",
    products: [
        .library(name: "CertKit", targets: ["CertKit"]),
        .library(name: "HAProxyKit", targets: ["HAProxyKit"]),
        .executable(name: "certd", targets: ["certd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CertKit", dependencies: ["COpenSSL", system], swiftSettings: strict),
        .target(name: "HAProxyKit", dependencies: ["CLinux", "CertKit", "COpenSSL", system], swiftSettings: strict),
        .executableTarget(
            name: "certd",
            dependencies: [
                "CLinux", "CertKit", "HAProxyKit", system, "TOMLKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            resources: [.embedInCode("Page/page.css"), .embedInCode("Page/page.js")],
            swiftSettings: strict
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CertKit", system, .product(name: "Subprocess", package: "swift-subprocess")],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "CertKitTests", dependencies: ["CertKit", "TestSupport", system], swiftSettings: strict),
        .testTarget(
            name: "HAProxyKitTests", dependencies: ["HAProxyKit", "CertKit", "TestSupport", system],
            swiftSettings: strict),
        .testTarget(
            name: "certdTests",
            dependencies: [
                "certd", "CertKit", "HAProxyKit", "TestSupport", system,
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(name: "EndToEndTests", dependencies: ["certd", "TestSupport", system], swiftSettings: strict),
    ]
)
