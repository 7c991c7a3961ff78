use crate::Ended;
use crate::args::Init;
use crate::output::Output;

/// `fusion init DIR`
pub(crate) fn run(args: &Init, output: &mut Output) -> anyhow::Result<Ended> {
    pipeline::init(&args.dir, &args.name, &args.contact)?;
    output.result(&serde_json::json!({ "desk": args.dir }))?;
    output.line(format!("A new desk is in {}.", args.dir.display()))?;
    output.line("Next: write desk.contact into fusion.toml and a source into sources.toml,")?;
    output.line(format!("then: fusion --desk {} scan", args.dir.display()))?;
    Ok(Ended::Clean)
}
