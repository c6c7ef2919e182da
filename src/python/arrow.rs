//! `k6ws._core.arrow_stream`: a table for whatever reads Arrow, by the `PyCapsule` interface of Arrow.
//!
//! What is in the table is Python's affair; here its columns become arrays.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchIterator, StringArray, StructArray,
};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

type Tags = BTreeMap<String, String>;

/// A capsule with a stream of one batch. A column has a name, a kind (`text`, `tags`, `number`, `count`) and values, all
/// of one length; the readers that take it need nothing of ours any more.
#[pyfunction]
pub(super) fn arrow_stream<'py>(
    py: Python<'py>,
    columns: Vec<(String, String, Bound<'py, PyAny>)>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let mut fields = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for (name, kind, values) in columns {
        let array = array(&kind, &values)?;
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(refused)?;
    let batches = RecordBatchIterator::new([Ok(batch)], schema);
    let stream = FFI_ArrowArrayStream::new(Box::new(batches));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

fn array(kind: &str, values: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    Ok(match kind {
        "text" => Arc::new(StringArray::from(values.extract::<Vec<String>>()?)),
        "number" => Arc::new(Float64Array::from(values.extract::<Vec<Option<f64>>>()?)),
        "count" => Arc::new(Int64Array::from(values.extract::<Vec<Option<i64>>>()?)),
        "tags" => Arc::new(tags(&values.extract::<Vec<Tags>>()?).map_err(refused)?),
        _ => {
            let message = format!("there is no kind of column {kind:?}");
            return Err(PyValueError::new_err(message));
        }
    })
}

/// A struct with a field for each tag that any row has; a row has nothing in those that it has not.
fn tags(rows: &[Tags]) -> Result<StructArray, ArrowError> {
    let names: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    let (mut fields, mut arrays) = (Vec::<Field>::new(), Vec::<ArrayRef>::new());
    for name in names {
        let array: StringArray = rows.iter().map(|row| row.get(name)).collect();
        fields.push(Field::new(name, DataType::Utf8, true));
        arrays.push(Arc::new(array));
    }
    StructArray::try_new_with_length(Fields::from(fields), arrays, None, rows.len())
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn refused(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}
