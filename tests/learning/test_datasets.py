"""Each data set's own layout, in little, made from the shipped clips."""

import json
import shutil
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

from tests.learning.test_recipe import fit
from training.learning.bundle import write_bundle
from training.learning.recipe import Wanted, make_version
from training.learning.table import FeatureTable

CLIPS = Path(__file__).parents[2] / "fixtures" / "clips"
REAL, FAKE = CLIPS / "real-librivox.flac", CLIPS / "fake-hibari.flac"
COLUMNS = ["label", "split", "source_repo", "task", "generator", "speaker", "language"]


def put(folder, *files, source=REAL):
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, path)


def write(folder, file, text):
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def imported(kind, folder, *options):
    """The manifest by file name, and what was printed."""
    out, err = StringIO(), StringIO()
    target = folder.parent / "imported"
    call_command(
        "import_dataset", kind, str(folder), "--out", str(target), *options, stdout=out, stderr=err
    )
    rows = pd.read_csv(target / "manifest.csv", dtype=str, keep_default_na=False)
    assert all(Path(file).is_file() for file in rows["file"])
    rows.index = [Path(file).name for file in rows["file"]]
    return rows[COLUMNS], out.getvalue() + err.getvalue()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def test_asvspoof_2019_la(folder):
    put(folder, "LA/ASVspoof2019_LA_train/flac/LA_T_1138215.flac")
    put(folder, "LA/ASVspoof2019_LA_train/flac/LA_T_1004644.flac", source=FAKE)
    put(folder, "LA/ASVspoof2019_LA_dev/flac/LA_D_1047731.flac")
    put(folder, "LA/ASVspoof2019_LA_eval/flac/LA_E_2834763.flac", source=FAKE)
    protocols = "LA/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm."
    write(
        folder,
        f"{protocols}train.trn.txt",
        "LA_0079 LA_T_1138215 - - bonafide\nLA_0079 LA_T_1004644 - A06 spoof\n",
    )
    write(folder, f"{protocols}dev.trl.txt", "LA_0069 LA_D_1047731 - - bonafide\n")
    write(folder, f"{protocols}eval.trl.txt", "LA_0039 LA_E_2834763 - A11 spoof\n")
    rows, _ = imported("asvspoof2019-la", folder)
    source = "asvspoof2019-la:LA_00"
    assert rows.to_dict("index") == {
        file: dict(zip(COLUMNS, values, strict=True))
        for file, values in {
            "LA_T_1138215.flac": ("real", "train", f"{source}79", "", "", "LA_0079", "en"),
            "LA_T_1004644.flac": (
                *("fake", "train", f"{source}79", "vc", "asvspoof2019-A06", "LA_0079", "en"),
            ),
            "LA_D_1047731.flac": ("real", "dev", f"{source}69", "", "", "LA_0069", "en"),
            "LA_E_2834763.flac": (
                *("fake", "eval", f"{source}39", "tts", "asvspoof2019-A11", "LA_0039", "en"),
            ),
        }.items()
    }


def test_asvspoof_2021_la_and_df_beside_each_other(folder):
    put(folder, "ASVspoof2021_LA_eval/flac/LA_E_9332881.flac", source=FAKE)
    put(folder, "ASVspoof2021_LA_eval/flac/LA_E_5464494.flac")
    write(
        folder,
        "keys/LA/CM/trial_metadata.txt",
        "LA_0009 LA_E_9332881 alaw ita_tx A07 spoof notrim eval\n"
        "LA_0020 LA_E_5464494 ulaw loc_tx bonafide bonafide notrim progress\n",
    )
    write(folder, "keys/LA/ASV/trial_metadata.txt", "another protocol altogether\n")
    put(folder, "ASVspoof2021_DF_eval_part00/ASVspoof2021_DF_eval/flac/DF_E_2000011.flac")
    put(folder, "ASVspoof2021_DF_eval_part01/ASVspoof2021_DF_eval/flac/DF_E_2000024.flac")
    write(
        folder,
        "keys/DF/CM/trial_metadata.txt",
        "LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress "
        "traditional_vocoder - - - -\n"
        "TGF1 DF_E_2000024 mp3m4a vcc2020 Task2-team12 spoof notrim eval "
        "traditional_vocoder Task2 team12 FF G\n"
        "TEM1 DF_E_2000026 nocodec vcc2020 - bonafide notrim eval - - - - -\n",
    )
    rows, said = imported("asvspoof2021-la", folder)
    assert rows["label"].to_dict() == {"LA_E_9332881.flac": "fake", "LA_E_5464494.flac": "real"}
    assert rows["split"].tolist() == ["eval", "progress"]
    assert rows["generator"].tolist() == ["asvspoof2019-A07", ""]
    assert "missing" not in said

    rows, said = imported("asvspoof2021-df", folder)
    assert rows["generator"].tolist() == ["asvspoof2019-A14", "asvspoof2019-Task2-team12"]
    assert rows["task"].tolist() == ["tts", "vc"]
    assert rows["source_repo"].tolist() == [
        "asvspoof2021-df-asvspoof:LA_0023",
        "asvspoof2021-df-vcc2020:TGF1",
    ]
    assert "1 more are described, but not on disk" in said


def test_asvspoof_5(folder):
    put(folder, "flac_T/T_0000000000.flac", "flac_D/D_0000000001.flac")
    put(folder, "flac_E_eval/E_0009538969.flac")
    line = "{} {} F - - - {} {} {} -\n"
    write(
        folder,
        "ASVspoof5_protocols/ASVspoof5.train.tsv",
        line.format("T_4850", "T_0000000000", "AC3", "A05", "spoof"),
    )
    write(
        folder,
        "ASVspoof5_protocols/ASVspoof5.dev.track_1.tsv",
        line.format("D_0755", "D_0000000001", "-", "bonafide", "bonafide"),
    )
    write(
        folder,
        "ASVspoof5_protocols/ASVspoof5.eval.track_1.tsv",
        "E_1607 E_0009538969 M C05 2 E_0009486171 AC1 A26 spoof -\n",
    )
    rows, _ = imported("asvspoof5", folder)
    assert rows["label"].tolist() == ["fake", "real", "fake"]
    assert rows["split"].tolist() == ["train", "dev", "eval"]
    assert rows["generator"].tolist() == ["asvspoof5-A05", "", "asvspoof5-A26"]
    assert rows["speaker"].tolist() == ["T_4850", "D_0755", "E_1607"]


def test_in_the_wild(folder):
    put(folder, "release_in_the_wild/0.wav", source=FAKE)
    put(folder, "release_in_the_wild/4.wav")
    write(
        folder,
        "release_in_the_wild/meta.csv",
        "file,speaker,label\n0.wav,Alec Guinness,spoof\n4.wav,Christopher Hitchens,bona-fide\n",
    )
    rows, _ = imported("in-the-wild", folder)
    assert rows["label"].tolist() == ["fake", "real"]
    assert rows["speaker"].tolist() == ["Alec Guinness", "Christopher Hitchens"]
    assert set(rows["split"]) == {"eval"}


def test_fake_or_real(folder):
    for named in ("training", "validation", "testing"):
        put(folder, f"for-norm/{named}/real/file{named}.wav_16k.wav_norm.wav_mono.wav_silence.wav")
        put(folder, f"for-norm/{named}/fake/file{named}1.mp3.wav_16k.wav", source=FAKE)
    rows, said = imported("fake-or-real", folder / "for-norm")
    assert sorted(zip(rows["split"], rows["label"], strict=True)) == [
        (split, label) for split in ("dev", "eval", "train") for label in ("fake", "real")
    ]
    assert "3 real and 3 fake" in said
    put(folder, "for-2sec/training/real/x.wav")
    with pytest.raises(CommandError, match="name the folder of one version"):
        imported("fake-or-real", folder)


def test_wavefake_with_ljspeech_and_jsut(folder):
    put(folder, "LJSpeech-1.1/wavs/LJ001-0001.wav", "LJSpeech-1.1/wavs/LJ012-0034.wav")
    put(folder, "jsut_ver1.1/basic5000/wav/BASIC5000_0001.wav")
    put(folder, "generated_audio/ljspeech_hifiGAN/LJ001-0001_gen.wav", source=FAKE)
    put(folder, "generated_audio/jsut_parallel_wavegan/BASIC5000_0001_gen.wav", source=FAKE)
    spoken = "common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech"
    put(folder, f"generated_audio/{spoken}/gen_0.wav", source=FAKE)
    rows, said = imported("wavefake", folder)
    assert "3 real and 3 fake" in said
    made = rows[rows["label"] == "fake"]
    assert made["generator"].to_dict() == {
        "LJ001-0001_gen.wav": "hifigan",
        "BASIC5000_0001_gen.wav": "parallel_wavegan",
        "gen_0.wav": "conformer_fastspeech2_pwg",
    }
    assert made.loc["gen_0.wav", "task"] == "tts"
    assert rows.loc["BASIC5000_0001.wav", ["speaker", "language"]].tolist() == ["JSUT", "ja"]
    # A recording and what was made of it stay on one side of every fold.
    pair = rows.loc[["LJ001-0001.wav", "LJ001-0001_gen.wav"], "source_repo"]
    assert pair.nunique() == 1
    assert rows.loc["LJ012-0034.wav", "source_repo"] != pair.iloc[0]
    shutil.rmtree(folder / "LJSpeech-1.1")
    shutil.rmtree(folder / "jsut_ver1.1")
    with pytest.raises(CommandError, match=r"LJSpeech-1\.1"):
        imported("wavefake", folder)


def test_mlaad_with_the_readings_that_it_repeats(folder):
    original = "de_DE/by_book/female/ramona_deininger/zauberberg/wavs/zauberberg_01_f000001.wav"
    put(folder, f"M-AILABS/{original}")
    model = "tts_models_de_thorsten_vits"
    put(folder, f"fake/de/{model}/zauberberg_01_f000001.wav", source=FAKE)
    write(
        folder,
        f"fake/de/{model}/meta.csv",
        "path|original_file|language|is_original_language|duration|training_data|model_name|"
        "architecture|transcript\n"
        f"./fake/de/{model}/zauberberg_01_f000001.wav|./{original}|de|True|3.1|thorsten|"
        f"{model}|vits|Ein Satz, mit Komma.\n",
    )
    rows, said = imported("mlaad", folder)
    assert "1 real and 1 fake" in said
    fake, real = rows.to_dict("records")
    assert (fake["label"], fake["generator"], fake["language"]) == ("fake", model, "de")
    assert (real["label"], real["speaker"], real["language"]) == (
        "real",
        "ramona_deininger",
        "de",
    )
    assert set(rows["split"]) == {"train"}


def test_deep_voice(folder):
    put(folder, "KAGGLE/AUDIO/REAL/obama-original.wav")
    put(folder, "KAGGLE/AUDIO/FAKE/Obama-to-Biden.wav", source=FAKE)
    rows, _ = imported("deep-voice", folder, "--split", "eval")
    assert rows.loc["obama-original.wav"].to_dict() == {
        "label": "real",
        "split": "eval",
        "source_repo": "deep-voice:obama",
        "task": "",
        "generator": "",
        "speaker": "obama",
        "language": "en",
    }
    assert rows.loc["Obama-to-Biden.wav", ["speaker", "generator", "task"]].tolist() == [
        "biden",
        "RVC",
        "vc",
    ]


def test_a_plain_manifest(folder):
    put(folder, "audio/a.wav", "audio/b.wav")
    write(
        folder,
        "manifest.csv",
        "file,label,speaker,language\naudio/a.wav,REAL,Ann,en\naudio/b.wav,spoof,,\n",
    )
    rows, _ = imported("manifest", folder)
    assert rows["label"].tolist() == ["real", "fake"]
    assert rows["source_repo"].tolist() == ["data:Ann", "data:audio"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("asvspoof2019-la", "train.trn.txt is nowhere"),
        ("asvspoof2021-df", "trial_metadata.txt is nowhere"),
        ("asvspoof5", "train.tsv is nowhere"),
        ("in-the-wild", "meta.csv should be once"),
        ("fake-or-real", "name the folder of one version"),
        ("wavefake", "no folder such as"),
        ("mlaad", "no meta.csv"),
        ("deep-voice", "REAL should be once"),
        ("manifest", "no manifest.csv"),
        ("voxceleb", "is none of asvspoof2019-la"),
    ],
)
def test_a_folder_that_does_not_hold_the_data_set_is_refused_in_words(folder, kind, message):
    folder.mkdir()
    with pytest.raises(CommandError, match=message):
        imported(kind, folder)


def test_a_label_that_is_none_is_refused(folder):
    put(folder, "a.wav")
    write(folder, "manifest.csv", "file,label\na.wav,maybe\n")
    with pytest.raises(CommandError, match="'maybe' is no label"):
        imported("manifest", folder)


def test_what_was_imported_is_trained_on_and_evaluated(folder):
    """Real bytes under the names of ASVspoof 2019: five speakers to train on, one to be judged."""
    lines: dict[str, list[str]] = {"train.trn": [], "dev.trl": [], "eval.trl": []}
    for i in range(6):
        part = "eval.trl" if i == 5 else "train.trn"
        for key, attack, source in (("bonafide", "-", REAL), ("spoof", "A01", FAKE)):
            file = f"LA_{part[0].upper()}_{i}{key}"
            put(folder, f"flac/{file}.flac", source=source)
            lines[part].append(f"LA_{i:04} {file} - {attack} {key}")
    for part, text in lines.items():
        write(folder, f"ASVspoof2019.LA.cm.{part}.txt", "\n".join(text) + "\n")
    imported("asvspoof2019-la", folder)

    corpus, table = folder.parent / "imported", folder.parent / "table.npz"
    call_command(
        "build_features",
        *(str(corpus), "--out", str(table), "--schema", "deepvoice-26"),
        *("--copies", "0", "--windows", "2"),
        stdout=StringIO(),
    )
    rows = FeatureTable.load(table)
    train = rows.where(rows.rows["split"] == "train")
    # Both shipped clips are longer than a window, so each gives two.
    assert train.rows["clip"].value_counts().tolist() == [2] * 10
    artifact, manifest = make_version(train, name="asvspoof", seed=1, wanted=Wanted(), fit=fit)
    write_bundle(folder.parent / "model", artifact, manifest)

    out = StringIO()
    call_command(
        "evaluate",
        *(str(corpus / "manifest.csv"), "--split", "eval", "--json", "--rounds", "2"),
        *("--model", str(folder.parent / "model")),
        stdout=out,
    )
    report = json.loads(out.getvalue())
    assert report["clips"] == {"real": 1, "fake": 1}
    assert report["overall"]["auc"] == 1.0
