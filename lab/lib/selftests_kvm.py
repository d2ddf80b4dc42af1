#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: selftests_kvm.py DIR

Print the table of lab/selftests-kvm.sh. DIR has tests (a line a test), console (with the progress
lines "@ TURN DEVICE LINE STATUS SECONDS") and, if the host did not die, TURN-DEVICE/ with the logs.
Status 1 if rvhv.ko does worse than kvm.ko.
"""

import re
import sys
from pathlib import Path

# get-reg-list may miss the registers of features that rvhv does not offer.
LEFT_OUT = re.compile(r"AIA|_PMU|_STA\b|SBI_STATE|SSCOFPMF")
LEFT_OUT_CONFIGS = {"sbi-pmu", "sbi-sta", "aia", "sscofpmf"}
# Extensions that KVM supports since a later kernel: new registers of theirs are allowed.
NEWER = re.compile(r"KVM_REG_RISCV_(ISA|SBI)_EXT \|")
COMPLAINT = re.compile(r"BUG:|WARNING:|Oops|Call Trace|rcu: INFO|hung_task")


def read(path):
    return path.read_text(errors="replace") if path.exists() else ""


class Turn:
    """One device's results."""

    def __init__(self, top, number, device):
        self.number, self.device = number, device
        self.dir = top / f"{number}-{device}"
        self.status, self.seconds = {}, {}

    def log(self, line):
        return read(self.dir / f"{line}.log")

    def note(self, line):
        """The reason why a test did not pass, in a line."""
        log, status = self.log(line), self.status.get(line)
        if status == "skip":
            found = re.search(r"# SKIP -? ?(.*)", log)
            return found.group(1).strip() if found else "no reason given"
        if status == "time":
            return "out of time"
        if status == "fail":
            found = re.search(
                r"(Test Assertion Failure|Error:|FAIL)[^\n]*\n(.*?)(\n\n|\Z)", log, re.S)
            lines = (found.group(0) if found else log).strip().splitlines()
            text = [s.strip() for s in lines if not re.match(r"\s*(\d+\t|pid=|0x|\(stack|\?\?)", s)]
            return " ".join(text[:4]) or "no message"
        return ""

    def complaint(self, line):
        dmesg = read(self.dir / f"{line}.dmesg")
        found = COMPLAINT.search(dmesg)
        return dmesg[found.start():].splitlines()[0] if found else ""


def parse(top):
    turns = {}
    for found in re.finditer(r"^@ (\d+) (\w+) (\d+) (\w+) ([\d.]+)", read(top / "console"), re.M):
        number, device, line, status, seconds = found.groups()
        turn = turns.setdefault(int(number), Turn(top, int(number), device))
        turn.status[int(line)] = status
        turn.seconds[int(line)] = float(seconds)
    return [turns[n] for n in sorted(turns)]


def configs(log):
    """get-reg-list: the result of each vCPU configuration, its missing registers, refusals."""
    result, missing, refused, current = {}, {}, [], None
    for s in log.splitlines():
        if found := re.match(r"(\S+): PASS", s):
            result[found.group(1)] = "pass"
        elif found := re.search(r"# SKIP -? ?(\S+) not available", s):
            result[found.group(1)] = "skip"
        elif found := re.match(r"(\S+): There are \d+ missing registers\.$", s):
            current = found.group(1)
            result[current] = "fail"
        elif re.match(r"\S+: Failed to (get|set|reject)", s):
            refused.append(s)
        elif current and s.startswith("\tKVM_REG"):
            missing.setdefault(current, set()).add(s.strip().rstrip(","))
        elif re.match(r"\S+: There are", s):
            current = None
    return result, missing, refused


def registers_differ(kvm, rvhv, line):
    """The differences of get-reg-list: those allowed and those wrong."""
    allowed, wrong = [], []
    ours, missing, refused = configs(rvhv.log(line))
    if not ours:
        wrong.append("nothing to compare: get-reg-list left no log")
    wrong += refused
    for name, theirs in configs(kvm.log(line))[0].items():
        mine = ours.get(name, "no result")
        lacks = missing.get(name, set())
        if mine == theirs or theirs != "pass":
            continue
        if (mine == "skip" and name in LEFT_OUT_CONFIGS) or \
                (lacks and all(map(LEFT_OUT.search, lacks))):
            allowed.append(f"configuration {name}: {mine}")
        else:
            wrong.append(
                f"configuration {name}: {theirs} on {kvm.device}, {mine} on {rvhv.device}")
    theirs, mine = (set(read(t.dir / "get-reg-list.regs").splitlines()) for t in (kvm, rvhv))
    for reg in sorted(theirs - mine):
        (allowed if LEFT_OUT.search(reg) else wrong).append("missing: " + reg.strip().rstrip(","))
    for reg in sorted(mine - theirs):
        (allowed if NEWER.search(reg) else wrong).append("new: " + reg.strip().rstrip(","))
    return allowed, wrong


def main():
    top = Path(sys.argv[1])
    tests = [" ".join(s.split()[1:]) for s in read(top / "tests").splitlines()]
    turns = parse(top)
    if not turns:
        print("selftests-kvm: no test ran")
        return 1
    notes, worse, passed = [], [], 0
    width = max(map(len, tests))
    head = "".join(f"{t.device:>8}{'s':>8}" for t in turns)
    print(f"\n{'test':<{width}}{head}")
    for line, test in enumerate(tests, 1):
        row, said = "", []
        for turn in turns:
            status = turn.status.get(line, "-")
            complaint = turn.complaint(line)
            if turn is turns[-1] and len(turns) == 2 and turns[0].status.get(line) == "pass":
                allowed = wrong = []
                if test.startswith("get-reg-list"):
                    allowed, wrong = registers_differ(turns[0], turn, line)
                    status = "FAIL" if wrong else "differs" if allowed else "pass"
                    said += [f"{test}: {s}" for s in allowed + wrong]
                elif status != "pass":
                    status = status.upper()
                if status in ("FAIL", "TIME", "SKIP", "-") or wrong:
                    worse.append(test)
            if complaint:
                said.append(f"{test}: kernel with {turn.device}: {complaint}")
                if turn.device == "rvhv" and test not in worse:
                    worse.append(test)
            note = turn.note(line)
            if note and not (test.startswith("get-reg-list") and said):
                said.append(f"{test}: {turn.device}: {turn.status[line]}: {note}")
            row += f"{status:>8}{turn.seconds.get(line, 0):>8.1f}"
        passed += status in ("pass", "differs") and test not in worse
        print(f"{test:<{width}}{row}")
        notes += said
    print(f"{'seconds in all':<{width}}" +
          "".join(f"{'':8}{sum(t.seconds.values()):>8.0f}" for t in turns))
    if notes:
        print("\n" + "\n".join(notes))
    if worse:
        print("\nworse than kvm.ko:\n  " + "\n  ".join(worse))
    print(f"\n{passed} passed, {len(worse)} failed, {len(tests) - passed - len(worse)} skipped")
    return 1 if worse else 0


sys.exit(main())
