#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| msi2imds_fuzz::together::check(data));
