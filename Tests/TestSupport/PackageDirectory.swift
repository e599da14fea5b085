public import SystemPackage

/// The directory that holds Package.swift: tests run scripts of the package.
public let packageDirectory = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent()
