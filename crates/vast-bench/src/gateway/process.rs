//! A process that is measured: its CPU time, its memory, its end.

use std::fs;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::effort::Failure;

/// A process that ends when this is dropped.
pub(super) struct MeasuredProcess(Child);

impl MeasuredProcess {
    /// Starts it. What it prints is dropped, except its output if [`output`](Self::output) takes it.
    pub(super) fn start(command: &mut Command) -> Result<Self, Failure> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        Ok(Self(child.map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?))
    }

    /// Its output; only the first call gets it.
    pub(super) fn output(&mut self) -> Result<ChildStdout, Failure> {
        self.0.stdout.take().ok_or_else(|| "the output is taken".into())
    }

    /// Ends it in order.
    pub(super) fn stop(mut self) -> Result<(), Failure> {
        kill_process(Pid::from_child(&self.0), Signal::TERM)?;
        let status = self.0.wait()?;
        if status.success() { Ok(()) } else { Err(format!("a process has ended: {status}").into()) }
    }

    /// Fails if the process has ended.
    pub(super) fn check(&mut self) -> Result<(), Failure> {
        match self.0.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("a process has ended: {status}").into()),
        }
    }

    /// User and system time of its threads so far. The system counts them in nanoseconds.
    pub(super) fn cpu(&self) -> Result<Duration, Failure> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            // A thread may end at any time.
            let Ok(times) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            nanos += times.split_whitespace().next().unwrap_or("0").parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Its resident memory, in bytes.
    pub(super) fn resident(&self) -> Result<u64, Failure> {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.0.id()))?;
        let pages: u64 = statm.split_whitespace().nth(1).unwrap_or("0").parse()?;
        Ok(pages * 4096)
    }
}

impl Drop for MeasuredProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
