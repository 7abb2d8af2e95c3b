//! Every target over the seeds and over simple mutations of them, without libFuzzer: `replay SECONDS
//! FILE…`. The mutations are the same in each run, as far as the seconds reach.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use msi2imds_fuzz::TARGETS;

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let seconds = arguments
        .next()
        .and_then(|seconds| seconds.to_str()?.parse().ok());
    let budget = Duration::from_secs(seconds.expect("how many seconds for each target"));
    let words = include_str!("../arm.dict")
        .lines()
        .filter_map(word)
        .collect::<Vec<_>>();
    let seeds: Vec<Vec<u8>> = arguments
        .map(PathBuf::from)
        .map(|path| {
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect();
    assert!(!seeds.is_empty(), "no seeds");
    for (name, check) in TARGETS {
        for seed in &seeds {
            guarded(name, check, seed);
        }
        let (start, mut tried) = (Instant::now(), 0_usize);
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        while start.elapsed() < budget {
            let mut text = seeds[random.below(seeds.len())].clone();
            if ["migrate", "together"].contains(&name) && random.below(2) == 0 {
                text = std::iter::once(1)
                    .chain((0..600).map(|_| random.byte()))
                    .collect();
            }
            for _ in 0..=random.below(4) {
                mutate(&mut text, &seeds, &words, &mut random);
            }
            text.truncate(16384);
            guarded(name, check, &text);
            tried += 1;
        }
        println!("{name}: {} seeds and {tried} mutations hold", seeds.len());
    }
}

/// Runs a check; what breaks it is left in a file.
fn guarded(name: &str, check: fn(&[u8]), text: &[u8]) {
    let run = std::panic::catch_unwind(|| check(text));
    if run.is_err() {
        let path = std::env::temp_dir().join(format!("msi2imds-fuzz-{name}"));
        let kept = std::fs::write(&path, text);
        panic!("{name} breaks on {} ({kept:?})", path.display());
    }
}

/// The word of a line of the dictionary.
fn word(line: &str) -> Option<Vec<u8>> {
    let text = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut word = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match (byte, byte == b'\\') {
            (_, true) => match rest.next()? {
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    let digits = std::str::from_utf8(&digits).ok()?;
                    word.push(u8::from_str_radix(digits, 16).ok()?);
                }
                escaped => word.push(escaped),
            },
            (byte, false) => word.push(byte),
        }
    }
    Some(word)
}

fn mutate(text: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[Vec<u8>], random: &mut Random) {
    let at = random.below(text.len() + 1);
    let end = (at + random.below(40)).min(text.len());
    match random.below(6) {
        0 => drop(text.drain(at..end)),
        1 => text
            .splice(at..at, words[random.below(words.len())].iter().copied())
            .for_each(drop),
        2 => text
            .splice(at..end, words[random.below(words.len())].iter().copied())
            .for_each(drop),
        3 => {
            let copy = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            text.splice(to..to, copy).for_each(drop);
        }
        4 => {
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let until = (from + random.below(200)).min(other.len());
            text.splice(at..at, other[from..until].iter().copied())
                .for_each(drop);
        }
        _ => {
            if let Some(byte) = text.get_mut(at) {
                *byte = random.byte();
            }
        }
    }
}

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0) % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }
}
