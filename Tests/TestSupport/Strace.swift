/// strace, before its options.
public let straceCommand = ["strace", "-E", Sanitizer.withoutLeaks]
